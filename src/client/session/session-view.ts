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
import { isEventFrame } from '../server-frame.ts';
import { listed, listedMessages } from './current-branch.ts';
import { applied, merged, type SessionFrame } from './message-assembly.ts';
import { nothingKnown, type Rest, type SessionMessage, type SessionState } from './session-state.ts';

/**
 * - `loading`: not read yet.
 * - `current`: up to date with everything received.
 * - `rereading`: events were missed, or messages of the branch that is now the current one are not known yet; the state
 *   is the last one that was right, until it has been read again.
 * - `deleted`: the session was deleted, or no session has that id.
 * - `failed`: it cannot be read; `error` says why.
 */
export type SessionStatus = 'loading' | 'current' | 'rereading' | 'deleted' | 'failed';

export type SessionSnapshot = Pick<SessionState, 'info' | 'activity' | 'reasoning'> & {
  readonly status: SessionStatus;
  /** Those of the current branch, oldest first, then those that wait (`queueRank`), the next one first. */
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
  readonly shown = new LiveCell<SessionSnapshot>({
    ...aboutSession(nothingKnown),
    status: 'loading',
    messages: [],
    error: undefined,
  });
  /** The messages of `shown`: changes only when they do. */
  readonly messages = this.shown.derived(({ messages }) => messages);
  #state: SessionState = nothingKnown;
  /** Frames received while the state is being read; `undefined` while it is current. */
  #frames: SessionFrame[] | undefined = [];
  /** The state before it had to be read again, if no durable event is missing. */
  #known: SessionState | undefined;
  #reading: AbortController | undefined;
  #cancelWait = () => {};
  /** How many faults there were since a message last ended without one. */
  #faults = 0;
  /** How many reads in a row did not give what was needed. */
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

  close(): void {
    this.#stop();
    this.#port.subscriptions.remove(this.#consumer);
    this.shown.end();
  }

  #received(frame: SessionFrame): void {
    if (this.#frames !== undefined) {
      this.#frames.push(frame);
      // Without these frames, what was known before them is of no use.
      if (this.#frames.length > framesMax) this.#renew(undefined);
      return;
    }
    const { state, violation } = applied(this.#state, frame);
    this.#state = state;
    if (violation !== undefined) {
      this.#port.report(violation);
      this.#renew(state);
      return;
    }
    if (frame.event === 'message.updated') this.#faults = 0;
    this.#list();
  }

  /** Shows the state, or reads what its list lacks. */
  #list(): void {
    const state = listed(this.#state, this.#port.messagesMax);
    if (state === undefined) {
      this.#known = this.#state;
      this.#frames = [];
      this.#show(this.shown.value.status === 'loading' ? 'loading' : 'rereading');
      if (this.#readsFailed === 0) this.#read();
      else this.#readLater();
      // A branch may have been left while it was read. The next read is the second for the same list.
      this.#readsFailed++;
      return;
    }
    this.#readsFailed = 0;
    this.#state = state;
    this.#show(state.deleted ? 'deleted' : 'current');
  }

  /** Called when the subscription has begun, here or on a new connection. */
  #subscribed(): void {
    if (this.#frames !== undefined && this.#reading === undefined) this.#read();
  }

  #missed(_resync: Resync): void {
    this.#stop();
    this.#frames = [];
    this.#known = undefined;
    this.#show(this.shown.value.status === 'loading' ? 'loading' : 'rereading');
    // Reads only once the subscription is confirmed; until then `subscribed` will follow and read.
    if (this.#consumer.awaited.size === 0) this.#read();
  }

  /** Asks for snapshots and reads REST again: REST alone would lack the text that is still being written. */
  #renew(known: SessionState | undefined): void {
    this.#stop();
    this.#known = known;
    this.#frames = [];
    this.#show('rereading');
    this.#cancelWait = this.#port.timers.after(this.#nextWaitMs(), () => {
      // The snapshots replace pieces of text, which may have a gap before them; events are not sent again.
      this.#frames = this.#frames?.filter(isEventFrame);
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
    const { state, violation } = merged(rest, this.#frames ?? [], this.#known);
    if (violation !== undefined) {
      this.#port.report(violation);
      this.#renew(state);
      return;
    }
    this.#frames = undefined;
    this.#known = undefined;
    this.#state = state;
    this.#list();
  }

  #wasNotRead(error: unknown): void {
    this.#reading = undefined;
    if (!(error instanceof CallboardError)) {
      this.#ended(new CallboardError('internal', String(error)));
    } else if (error.retryable) {
      this.#readLater(error.retryAfterMs);
      this.#readsFailed++;
    } else {
      this.#port.subscriptions.remove(this.#consumer);
      this.#ended(error);
    }
  }

  #readLater(askedMs = 0): void {
    const wait = backoffMs(this.#readsFailed, this.#port.random(), this.#port.backoff, askedMs);
    this.#cancelWait = this.#port.timers.after(wait, () => this.#read());
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
    const before = this.shown.value;
    // Shows the last state that was right while it is being read again.
    if (this.#frames !== undefined) {
      this.shown.set({ ...before, status, error });
      return;
    }
    const { order = [] } = this.#state;
    const messages = listedMessages({ ...this.#state, order }, before.messages);
    this.shown.set({ ...aboutSession(this.#state), status, messages, error });
  }
}

function aboutSession({ info, activity, reasoning }: SessionState) {
  return { info, activity, reasoning };
}
