/** One connection to the server, which is opened once and ends once. */
import type { Ended } from './reconnect-decision.ts';

export type TransportEvents = {
  /** Called with the text of each frame. */
  readonly text: (text: string) => void;
  /** Called when the peer showed that it lives without sending a frame. */
  readonly alive: () => void;
  /** Called once, last, when the connection ends; not called after `close`. */
  readonly ended: (how: Ended) => void;
};

export type Transport = {
  /** Returns false when the text could not be sent. */
  readonly send: (text: string) => boolean;
  /** Closes the connection; no callback is called afterwards. */
  readonly close: () => void;
};

/** The timers that the library uses; tests pass their own. */
export type Timers = {
  /** Calls `run` once after that many ms. Returns a function that prevents it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
