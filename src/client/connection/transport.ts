/** A way to the server, opened once and lost once. */
import type { Ended } from './reconnect-decision.ts';

export type TransportEvents = {
  /** A frame's text. */
  readonly text: (text: string) => void;
  /** The peer lives, though it said nothing. */
  readonly alive: () => void;
  /** Called once, and nothing after it; not called when `close` was. */
  readonly ended: (how: Ended) => void;
};

export type Transport = {
  /** False when it could not be sent. */
  readonly send: (text: string) => boolean;
  /** Lets go of it; nothing is called afterwards. */
  readonly close: () => void;
};

/** What the library needs of a machine's timers; a test has its own. */
export type Timers = {
  /** Calls `run` once after that many ms, and returns what prevents it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
