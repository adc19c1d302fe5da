/**
 * All subscriptions of the client, on whichever connection is live. Consumers share subscriptions; a subscription
 * ends with its last consumer.
 *
 * Resuming: each consumer remembers, per namespace, up to which `seq` it has everything (events, heartbeats and
 * answers to `subscribe` advance it). A new connection subscribes from the lowest of these; a consumer is not given
 * again what it has already.
 */
import type { SessionId } from '../../../schema/ids.ts';
import type { Hello, Resync, Subscribed } from '../../../schema/wire/callboard-v1-frame.ts';
import { type CallboardError, errorOfException } from '../client-error.ts';
import type { TransportKind } from '../connection/reconnect-decision.ts';
import type { ControlFrame, EventFrame, TextFrame } from '../server-frame.ts';
import type { Consumer } from './consumer.ts';
import {
  additionFor,
  covers,
  type Planned,
  serves,
  singlePlan,
  subscriptionPlan,
} from './subscription-plan.ts';

export type SubscriptionPort = {
  /** Returns false when there is no live connection. */
  readonly send: (frame: object) => boolean;
  /** Opens the connection anew. */
  readonly restart: (when: 'now' | 'later') => void;
  readonly nextFrameId: () => number;
};

/** How many `subscribe` frames may be unanswered at a time; the server bounds unanswered frames. */
const askedMax = 16;

export class SharedSubscriptions {
  readonly #port: SubscriptionPort;
  readonly #consumers = new Set<Consumer>();
  /** The subscriptions of this connection. */
  #active: Planned[] = [];
  readonly #asked = new Map<number, Planned>();
  /** Frames that wait until the server has answered enough of the earlier ones. */
  #unsent: { readonly id: number; readonly frame: object }[] = [];
  /** The consumers that the address of the SSE stream covers. */
  #streamed = new Set<Consumer>();
  #kind: TransportKind | undefined;
  #epoch: string | undefined;
  /** The greatest `seq` seen on this connection. */
  #seen = 0;
  #restarting = false;

  constructor(port: SubscriptionPort) {
    this.#port = port;
  }

  /** What the only stream of an SSE connection asks for; `undefined` when there is no consumer. */
  streamPlan(): { readonly planned: Planned; readonly since: string | undefined } | undefined {
    this.#streamed = new Set(this.#consumers);
    const planned = singlePlan([...this.#consumers]);
    if (planned === undefined) return undefined;
    this.#active = [planned];
    return { planned, since: this.#cursorText(planned.since) };
  }

  /** Called when a connection is live. */
  connected(hello: Hello, kind: TransportKind): void {
    this.#kind = kind;
    this.#seen = hello.seq;
    this.#asked.clear();
    this.#unsent = [];
    for (const consumer of this.#consumers) consumer.connected();
    if (this.#epoch !== undefined && this.#epoch !== hello.epoch) {
      this.#resync({ reason: 'epoch', seq: hello.seq });
    }
    this.#epoch = hello.epoch;
    if (kind === 'sse') {
      for (const planned of this.#active) this.#confirmed(planned, hello.seq);
      for (const consumer of [...this.#consumers]) {
        if (this.#streamed.has(consumer)) consumer.confirmed(hello.seq);
        else this.#addToStream(consumer);
      }
      return;
    }
    this.#active = [];
    for (const planned of subscriptionPlan([...this.#consumers])) this.#subscribe(planned);
  }

  disconnected(): void {
    this.#kind = undefined;
    this.#active = [];
    this.#asked.clear();
    this.#unsent = [];
  }

  /** Called when the server refuses everything of this session, for example because there is no such session. */
  refuse(sessionId: SessionId | undefined, error: CallboardError): void {
    const refused = [...this.#consumers].filter((consumer) => consumer.sessionId === sessionId);
    for (const consumer of refused) this.#refuseOne(consumer, error);
  }

  add(consumer: Consumer): void {
    this.#consumers.add(consumer);
    const addition = additionFor(consumer, this.#active);
    switch (this.#kind) {
      case undefined:
        return;
      case 'sse':
        this.#addToStream(consumer);
        return;
      case 'websocket':
        if (addition !== undefined) this.#subscribe(addition);
        else if (consumer.snapshots) this.renew(consumer);
        else this.#join(consumer);
    }
  }

  remove(consumer: Consumer): void {
    if (!this.#consumers.delete(consumer) || this.#kind !== 'websocket') return;
    for (const planned of this.#active.filter((active) => !this.#isWanted(active))) {
      this.#unsubscribe(planned);
      // It may have been replaying for sessions too: they now need subscriptions of their own, from where they are.
      if (planned.sessionId === undefined) this.#renewSessionsOf(planned);
    }
  }

  /** Subscribes again to a consumer's session to get new snapshots. No consumer loses an event or gets one twice. */
  renew(consumer: Consumer): void {
    if (this.#kind === 'sse') this.#restartSoon();
    if (this.#kind !== 'websocket') return;
    for (const planned of this.#active.filter(({ sessionId }) => sessionId === consumer.sessionId)) {
      this.#unsubscribe(planned);
    }
    const { sessionId } = consumer;
    const plan = subscriptionPlan([...this.#consumers]).filter((planned) => planned.sessionId === sessionId);
    for (const planned of plan) {
      for (const served of this.#consumers) if (serves(planned, served)) served.restarted();
      this.#subscribe(planned);
    }
  }

  #renewSessionsOf(wide: Planned): void {
    const served = [...this.#consumers].filter((consumer) => serves(wide, consumer));
    const bySession = new Map(served.map((consumer) => [consumer.sessionId, consumer]));
    for (const consumer of bySession.values()) this.renew(consumer);
  }

  event(frame: EventFrame | TextFrame): void {
    if ('seq' in frame && frame.seq !== undefined) this.#seen = Math.max(this.#seen, frame.seq);
    for (const consumer of [...this.#consumers]) {
      // Another consumer's listener may have removed this one.
      if (this.#consumers.has(consumer)) consumer.offer(frame);
    }
  }

  /** Returns true when the frame concerned subscriptions. */
  control(frame: ControlFrame): boolean {
    switch (frame.event) {
      case 'resync':
        this.#resync(frame.data);
        return true;
      case 'heartbeat':
        this.#seen = Math.max(this.#seen, frame.data.seq);
        for (const consumer of this.#consumers) consumer.reached(frame.data.seq);
        return true;
      case 'ack':
      case 'exception':
        return this.#answered(frame);
      case 'hello':
        return true;
    }
  }

  #answered(frame: Extract<ControlFrame, { event: 'ack' | 'exception' }>): boolean {
    const { id } = frame;
    const planned = id === undefined ? undefined : this.#asked.get(id);
    if (id === undefined || planned === undefined) return false;
    this.#asked.delete(id);
    this.#sendUnsent();
    const waiting = [...this.#consumers].filter((consumer) => consumer.awaited.delete(id));
    if (frame.event === 'exception') {
      const error = errorOfException(frame.data);
      if (error.retryable) this.#port.restart('later');
      else this.#refused(planned, waiting, error);
      return true;
    }
    const { seq } = frame.data as Subscribed;
    // What came until now may be of the subscription that this one replaces; what it brings begins here ([V1B1]).
    for (const consumer of this.#consumers) if (serves(planned, consumer)) consumer.restarted();
    this.#confirmed(planned, seq);
    for (const consumer of waiting) {
      if (consumer.awaited.size === 0 && this.#consumers.has(consumer)) consumer.confirmed(seq);
    }
    return true;
  }

  #refused(planned: Planned, waiting: readonly Consumer[], error: CallboardError): void {
    this.#active = this.#active.filter((active) => active !== planned);
    for (const consumer of waiting) this.#refuseOne(consumer, error);
  }

  #refuseOne(consumer: Consumer, error: CallboardError): void {
    if (this.#consumers.delete(consumer)) consumer.events.refused(error);
  }

  #confirmed(planned: Planned, seq: number): void {
    for (const consumer of this.#consumers) {
      if (serves(planned, consumer)) consumer.begin(planned.namespaces, seq);
    }
  }

  #subscribe(planned: Planned): void {
    const id = this.#port.nextFrameId();
    const { namespaces, sessionId } = planned;
    const since = this.#cursorText(planned.since);
    if (planned.since !== undefined) {
      // Consumers that begin now do not want the events that are replayed for others.
      for (const consumer of this.#consumers) {
        if (serves(planned, consumer)) consumer.begin(namespaces, this.#seen);
      }
    }
    this.#active.push(planned);
    this.#asked.set(id, planned);
    for (const consumer of this.#consumers) if (serves(planned, consumer)) consumer.awaited.add(id);
    this.#unsent.push({ id, frame: { event: 'subscribe', data: { namespaces, sessionId, since }, id } });
    this.#sendUnsent();
  }

  #sendUnsent(): void {
    while (this.#asked.size - this.#unsent.length < askedMax) {
      const next = this.#unsent.shift();
      if (next === undefined) return;
      this.#port.send(next.frame);
    }
  }

  #unsubscribe(planned: Planned): void {
    this.#active = this.#active.filter((active) => active !== planned);
    for (const [id, asked] of this.#asked) {
      if (asked !== planned) continue;
      this.#asked.delete(id);
      for (const consumer of this.#consumers) consumer.awaited.delete(id);
      const unsent = this.#unsent.length;
      this.#unsent = this.#unsent.filter((one) => one.id !== id);
      if (this.#unsent.length < unsent) return;
    }
    const { namespaces, sessionId } = planned;
    this.#port.send({ event: 'unsubscribe', data: { namespaces, sessionId } });
  }

  #addToStream(consumer: Consumer): void {
    const isServed = !consumer.snapshots && this.#active.some((planned) => covers(planned, consumer));
    if (isServed) this.#join(consumer);
    else this.#restartSoon();
  }

  /** The present subscriptions cover this consumer; it begins now. */
  #join(consumer: Consumer): void {
    for (const [id, planned] of this.#asked) if (serves(planned, consumer)) consumer.awaited.add(id);
    if (consumer.awaited.size === 0) consumer.confirmed(this.#seen);
  }

  #resync(resync: Resync): void {
    this.#seen = resync.seq;
    for (const consumer of [...this.#consumers]) if (this.#consumers.has(consumer)) consumer.resync(resync);
  }

  /**
   * An SSE stream names its subscription in its address, so a change needs a new stream. Many changes at once make
   * one.
   */
  #restartSoon(): void {
    if (this.#restarting) return;
    this.#restarting = true;
    queueMicrotask(() => {
      this.#restarting = false;
      if (this.#kind === 'sse') this.#port.restart('now');
    });
  }

  #isWanted(planned: Planned): boolean {
    return [...this.#consumers].some(
      (consumer) => planned.sessionId === consumer.sessionId && serves(planned, consumer),
    );
  }

  #cursorText(seq: number | undefined): string | undefined {
    return seq === undefined || this.#epoch === undefined ? undefined : `${this.#epoch}:${seq}`;
  }
}
