/**
 * Everything that is subscribed to, on whatever connection there is. Consumers share subscriptions; a subscription
 * ends with its last consumer.
 *
 * Resuming: each consumer remembers, per namespace, up to which `seq` it has everything (events, heartbeats and
 * answers to `subscribe` move that). A new connection subscribes from the least of these; what a consumer has already
 * is not given to it again.
 */
import type { SessionId } from '../../../schema/ids.ts';
import type { Hello, Resync, Subscribed } from '../../../schema/wire/callboard-v1-frame.ts';
import { type CallboardError, errorOfException } from '../client-error.ts';
import type { TransportKind } from '../connection/reconnect-decision.ts';
import type { ControlFrame, EventFrame, TextFrame } from '../event-frame.ts';
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
  /** False when there is no live connection. */
  readonly send: (frame: object) => boolean;
  /** Makes the connection anew. */
  readonly restart: (when: 'now' | 'later') => void;
  readonly nextFrameId: () => number;
};

/** SharedSubscriptions that may be unanswered at a time; servers bound the frames that wait for their answer. */
const askedMax = 16;

export class SharedSubscriptions {
  readonly #port: SubscriptionPort;
  readonly #consumers = new Set<Consumer>();
  /** What this connection is subscribed to. */
  #active: Planned[] = [];
  readonly #asked = new Map<number, Planned>();
  /** What waits until the server has answered enough of those before. */
  #unsent: { readonly id: number; readonly frame: object }[] = [];
  /** Whom the address of an SSE stream took into account. */
  #streamed = new Set<Consumer>();
  #kind: TransportKind | undefined;
  #epoch: string | undefined;
  /** The greatest `seq` that this connection told of. */
  #seen = 0;
  #restarting = false;

  constructor(port: SubscriptionPort) {
    this.#port = port;
  }

  /** What the one stream of an SSE connection asks for; `undefined` when nobody wants anything. */
  streamPlan(): { readonly planned: Planned; readonly since: string | undefined } | undefined {
    this.#streamed = new Set(this.#consumers);
    const planned = singlePlan([...this.#consumers]);
    if (planned === undefined) return undefined;
    this.#active = [planned];
    return { planned, since: this.#cursorText(planned.since) };
  }

  /** A connection is live. */
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

  /** The server will not send what belongs to this session: there is none, say. */
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
      // It may have been replaying for sessions too: they go on by themselves from where they are.
      if (planned.sessionId === undefined) this.#renewSessionsOf(planned);
    }
  }

  /** Subscribes anew to the session of a consumer, for the sake of snapshots. Nobody loses or repeats an event. */
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
      // One of them may have removed another.
      if (this.#consumers.has(consumer)) consumer.offer(frame);
    }
  }

  /** True when the frame was for subscriptions. */
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
      // What is replayed for others is not for those who begin now.
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

  /** It is served by what there is, from now on. */
  #join(consumer: Consumer): void {
    for (const [id, planned] of this.#asked) if (serves(planned, consumer)) consumer.awaited.add(id);
    if (consumer.awaited.size === 0) consumer.confirmed(this.#seen);
  }

  #resync(resync: Resync): void {
    this.#seen = resync.seq;
    for (const consumer of [...this.#consumers]) if (this.#consumers.has(consumer)) consumer.resync(resync);
  }

  /** The subscription of an SSE stream is in its address. Many changes at once make one new stream. */
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
