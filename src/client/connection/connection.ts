/**
 * Keeps one connection: opens it, watches it, and opens it again with backoff when it is lost. It knows nothing of
 * subscriptions.
 */
import type { GreetedPrincipal, Hello } from '../../../schema/wire/callboard-v1-frame.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import { CallboardError } from '../client-error.ts';
import { LiveCell } from '../live-value.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import { type NumberedTexts, parsedFrame, type ServerFrame } from '../server-frame.ts';
import {
  type Ended,
  historyAfter,
  isFinalCode,
  nextTransport,
  noHistory,
  type TransportKind,
} from './reconnect-decision.ts';
import type { Timers, Transport, TransportEvents } from './transport.ts';

/**
 * - `connecting`: not yet connected for the first time.
 * - `live`: the server has said hello, and its events arrive here.
 * - `reconnecting`: the connection was lost, and another is being made.
 * - `closed`: by `close()`, or because the server said not to come back. Final.
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'closed';

/** The wait before the next attempt. `attempt` counts the attempts since the connection last worked. */
export type RetryWait = { readonly attempt: number; readonly delayMs: number };

export type ConnectionOptions = {
  readonly open: (kind: TransportKind, events: TransportEvents) => Transport;
  readonly timers: Timers;
  readonly random: () => number;
  readonly backoff: Backoff;
  /** How many WebSockets may fail before they open until SSE is tried. */
  readonly websocketFailuresMax: number;
  /** How long a connection may take from opening to `hello`, ms; after that it is given up. */
  readonly connectMs: number;
  /** Silence after which a connection counts as dead, ms; `undefined`: twice the server's heartbeat, and a second. */
  readonly silenceMs: number | undefined;
  readonly report: ReportViolation;
};

export type ConnectionEvents = {
  readonly live: (hello: Hello, kind: TransportKind) => void;
  /** Every frame but `hello`, in order. */
  readonly frame: (frame: ServerFrame) => void;
  /** Called when a live connection was lost. */
  readonly down: () => void;
  /** Called once, when the connection is closed for good. `error` says why; it is absent after `close()`. */
  readonly closed: (error: CallboardError) => void;
};

/** A connection that lived this long resets the backoff, ms. */
const stableMs = 5000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly state = new LiveCell<ConnectionState>('connecting');
  /** The current wait before the next attempt, if any. */
  readonly retry = new LiveCell<RetryWait | undefined>(undefined);
  #transport: Transport | undefined;
  #kind: TransportKind = 'websocket';
  #principal: GreetedPrincipal | undefined;
  #history = noHistory;
  /** How many waits there were since a connection was stable. */
  #attempt = 0;
  #silenceMs = 0;
  #texts: NumberedTexts = new Map();
  #cancelWatch = () => {};
  #cancelWait = () => {};
  #cancelStable = () => {};

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** As the server told last; `undefined` also if it tells nobody. */
  get principal(): GreetedPrincipal | undefined {
    return this.#principal;
  }

  /** The transport in use, or the last one used. */
  get kind(): TransportKind {
    return this.#kind;
  }

  open(): void {
    if (this.state.value === 'closed') return;
    this.retry.set(undefined);
    this.#kind = nextTransport(this.#history, this.#options.websocketFailuresMax);
    this.#watch(this.#options.connectMs);
    this.#texts = new Map();
    this.#transport = this.#options.open(this.#kind, {
      text: (text) => this.#received(text),
      alive: () => {
        if (this.state.value === 'live') this.#watch(this.#silenceMs);
      },
      ended: (how) => this.#lost(how),
    });
  }

  /** Returns false when the connection is not live. */
  send(frame: object): boolean {
    return this.state.value === 'live' && (this.#transport?.send(JSON.stringify(frame)) ?? false);
  }

  /** Ends the wait and makes the next attempt at once. */
  retryNow(): void {
    if (this.retry.value === undefined) return;
    this.#cancelWait();
    this.open();
  }

  /** Drops the connection and opens another: at once, or after the backoff. */
  restart(when: 'now' | 'later'): void {
    if (this.state.value === 'closed') return;
    this.#drop();
    if (this.state.value === 'live') this.#goDown();
    if (when === 'now') this.open();
    else this.#openLater();
  }

  close(error = new CallboardError('closed', 'The client was closed')): void {
    if (this.state.value === 'closed') return;
    this.#drop();
    const wasLive = this.state.value === 'live';
    this.state.set('closed');
    this.state.end();
    this.retry.set(undefined);
    this.retry.end();
    if (wasLive) this.#events.down();
    this.#events.closed(error);
  }

  #received(text: string): void {
    const frame = parsedFrame(text, this.#texts);
    if (frame === undefined) {
      this.#options.report({ kind: 'malformed-frame', message: text.slice(0, 200) });
      // A text without a name: whose it is, is told again on another connection.
      if (/^.\d/.test(text)) this.restart('later');
      return;
    }
    if (this.state.value === 'live') this.#watch(this.#silenceMs);
    if (frame.kind === 'control' && frame.frame.event === 'hello') this.#greeted(frame.frame.data);
    else if (this.state.value === 'live') this.#events.frame(frame);
  }

  #greeted(hello: Hello): void {
    if (this.state.value === 'live') return;
    this.#silenceMs = this.#options.silenceMs ?? 2 * hello.limits.heartbeatMs + 1000;
    this.#watch(this.#silenceMs);
    this.#cancelStable = this.#options.timers.after(stableMs, () => {
      this.#attempt = 0;
    });
    this.#history = historyAfter(this.#history, this.#kind, true);
    this.#principal = hello.principal;
    this.state.set('live');
    // A listener may have closed the client.
    if (this.#transport !== undefined) this.#events.live(hello, this.#kind);
  }

  #lost(how: Ended): void {
    this.#drop();
    const wasLive = this.state.value === 'live';
    if (!wasLive) this.#history = historyAfter(this.#history, this.#kind, false);
    if (how.fatal !== undefined || isFinalCode(how.code)) {
      const reason = how.fatal?.message ?? `The server closed the connection with ${how.code}`;
      this.close(how.fatal instanceof CallboardError ? how.fatal : new CallboardError('closed', reason));
      return;
    }
    if (wasLive) this.#goDown();
    if (this.state.value !== 'closed') this.#openLater(how.retryAfterMs);
  }

  #goDown(): void {
    this.#events.down();
    this.state.set('reconnecting');
  }

  #openLater(askedMs = 0): void {
    const delay = backoffMs(this.#attempt, this.#options.random(), this.#options.backoff, askedMs);
    this.#attempt++;
    this.retry.set({ attempt: this.#attempt, delayMs: delay });
    this.#cancelWait = this.#options.timers.after(delay, () => this.open());
  }

  /** Counts the connection as dead if nothing is received within that time. */
  #watch(withinMs: number): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#options.timers.after(withinMs, () => this.#lost({}));
  }

  #drop(): void {
    this.#cancelWatch();
    this.#cancelWait();
    this.#cancelStable();
    this.#transport?.close();
    this.#transport = undefined;
  }
}
