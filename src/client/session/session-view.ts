/**
 * Keeps the state of one session up to date: reads it over REST, applies frames to it, and reads it again when
 * something is missing. All handles of a session share one view.
 */
import type { SessionId } from '../../../schema/ids.ts';
import type { Resync } from '../../../schema/wire/callboard-v1-frame.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import { CallboardError } from '../client-error.ts';
import type { Timers } from '../connection/transport.ts';
import { Consumer } from '../follow/consumer.ts';
import type { SharedSubscriptions } from '../follow/shared-subscriptions.ts';
import { LiveCell } from '../live-value.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import { applied, merged, type Rest, type SessionFrame } from './message-assembly.ts';
import { nothingKnown, type SessionMessage, type SessionState, withoutOldest } from './session-state.ts';

/**
 * - `loading`: not read yet.
 * - `current`: up to date with everything received.
 * - `rereading`: events were missed; the state may be old until it has been read again.
 * - `deleted`: the session was deleted, or no session has that id.
 * - `failed`: it cannot be read; `error` says why.
 */
export type SessionStatus = 'loading' | 'current' | 'rereading' | 'deleted' | 'failed';

export type SessionSnapshot = Omit<SessionState, 'entries' | 'deleted'> & {
  readonly status: SessionStatus;
  /** Oldest first. */
  readonly messages: readonly SessionMessage[];
  readonly error: CallboardError | undefined;
};

export type SessionViewPort = {
  readonly subscriptions: SharedSubscriptions;
  readonly read: (id: SessionId, messagesMax: number, signal: AbortSignal) => Promise<Rest>;
  readonly timers: Timers;
  readonly random: () => number;
  readonly backoff: Backoff;
  readonly report: ReportViolation;
  readonly messagesMax: number;
};

/** How many frames may wait for the REST answer. Beyond that, reading starts over with new snapshots. */
const framesMax = 5000;

export class SessionView {
  readonly #id: SessionId;
  readonly #port: SessionViewPort;
  readonly #consumer: Consumer;
  readonly #shown = new LiveCell<SessionSnapshot>({
    ...withoutEntries(nothingKnown),
    status: 'loading',
    messages: [],
    error: undefined,
  });
  readonly #messages = this.#shown.derived(({ messages }) => messages);
  #state: SessionState = nothingKnown;
  #shownEntries = nothingKnown.entries;
  /** Frames received while the state is being read; `undefined` while it is current. */
  #frames: SessionFrame[] | undefined = [];
  /** The state before it had to be read again, if no durable event is missing. */
  #known: SessionState | undefined;
  #reading: AbortController | undefined;
  #cancelWait = () => {};
  /** How many faults there were since a message last ended without one. */
  #faults = 0;
  #readsFailed = 0;

  constructor(id: SessionId, port: SessionViewPort) {
    this.#id = id;
    this.#port = port;
    this.#consumer = new Consumer(
      { namespaces: ['chat-messages', 'chat-sessions'], sessionId: id, snapshots: true },
      {
        frame: (frame) => this.#received(frame),
        resync: (resync) => this.#missed(resync),
        subscribed: () => this.#subscribed(),
        refused: (error) => this.#ended(error),
      },
      port.report,
    );
    port.subscriptions.add(this.#consumer);
  }

  get shown(): LiveCell<SessionSnapshot> {
    return this.#shown;
  }

  /** The messages of `shown`: changes only when they do. */
  get messages(): LiveCell<readonly SessionMessage[]> {
    return this.#messages;
  }

  close(): void {
    this.#stop();
    this.#port.subscriptions.remove(this.#consumer);
    this.#shown.end();
  }

  #received(frame: SessionFrame): void {
    if (this.#frames !== undefined) {
      this.#frames.push(frame);
      if (this.#frames.length > framesMax) this.#renew();
      return;
    }
    const { state, violation } = applied(this.#state, frame);
    this.#state = state;
    if (violation === undefined) {
      if (frame.event === 'message.updated') this.#faults = 0;
      this.#show(state.deleted ? 'deleted' : 'current');
      return;
    }
    this.#port.report(violation);
    this.#renew();
  }

  /** Called when the subscription has begun, here or on a new connection. */
  #subscribed(): void {
    if (this.#frames !== undefined && this.#reading === undefined) this.#read();
  }

  #missed(_resync: Resync): void {
    this.#stop();
    this.#frames = [];
    this.#known = undefined;
    this.#show(this.#shown.value.status === 'loading' ? 'loading' : 'rereading');
    // Reads only once the subscription is confirmed; until then `subscribed` will follow and read.
    if (this.#consumer.awaited.size === 0) this.#read();
  }

  /** Asks for snapshots and reads REST again: REST alone would lack the text that is still being written. */
  #renew(): void {
    this.#stop();
    if (this.#frames === undefined) this.#known = this.#state;
    this.#frames = [];
    this.#show('rereading');
    this.#cancelWait = this.#port.timers.after(this.#nextWaitMs(), () => {
      this.#frames = [];
      this.#port.subscriptions.renew(this.#consumer);
    });
  }

  #nextWaitMs(): number {
    // The first fault is repaired at once, so that nobody notices it.
    const wait = this.#faults === 0 ? 0 : backoffMs(this.#faults, this.#port.random(), this.#port.backoff);
    this.#faults++;
    return wait;
  }

  #read(): void {
    this.#stop();
    const reading = new AbortController();
    this.#reading = reading;
    this.#port.read(this.#id, this.#port.messagesMax, reading.signal).then(
      (rest) => {
        if (this.#reading === reading) this.#wasRead(rest);
      },
      (error: unknown) => {
        if (this.#reading === reading) this.#wasNotRead(error);
      },
    );
  }

  #wasRead(rest: Rest): void {
    this.#reading = undefined;
    this.#readsFailed = 0;
    const { state, violation } = merged(rest, this.#frames ?? [], this.#known);
    if (violation !== undefined) {
      this.#port.report(violation);
      this.#renew();
      return;
    }
    this.#frames = undefined;
    this.#known = undefined;
    this.#state = state;
    this.#show(state.deleted ? 'deleted' : 'current');
  }

  #wasNotRead(error: unknown): void {
    this.#reading = undefined;
    if (!(error instanceof CallboardError)) {
      this.#ended(new CallboardError('internal', String(error)));
    } else if (error.retryable) {
      this.#cancelWait = this.#port.timers.after(
        backoffMs(this.#readsFailed++, this.#port.random(), this.#port.backoff),
        () => this.#read(),
      );
    } else {
      this.#port.subscriptions.remove(this.#consumer);
      this.#ended(error);
    }
  }

  /** Called when there is nothing left to read. */
  #ended(error: CallboardError): void {
    this.#stop();
    this.#frames = undefined;
    this.#state = { ...nothingKnown, deleted: error.code === 'not_found' };
    this.#show(this.#state.deleted ? 'deleted' : 'failed', error);
  }

  #stop(): void {
    this.#cancelWait();
    this.#reading?.abort();
    this.#reading = undefined;
  }

  #show(status: SessionStatus, error?: CallboardError): void {
    this.#state = withoutOldest(this.#state, this.#port.messagesMax);
    const before = this.#shown.value;
    if (this.#frames !== undefined) {
      // Shows the known state while it is being read again.
      this.#shown.set({ ...before, status, error });
      return;
    }
    const { entries } = this.#state;
    const messages = entries === this.#shownEntries ? before.messages : entries.map(({ message }) => message);
    this.#shownEntries = entries;
    this.#shown.set({ ...withoutEntries(this.#state), status, messages, error });
  }
}

function withoutEntries({ info, activity, reasoning }: SessionState) {
  return { info, activity, reasoning };
}
