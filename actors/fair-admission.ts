/**
 * Work in slices: when many turns begin or end in one moment, so much of it is done in one turn of the event loop, and
 * the rest waits for the next turns, in the order in which it came. Between them sockets, timers and answers that
 * stream have theirs ([LIM32], docs/hot-path.md).
 *
 * Whoever has a stretch of work asks to enter, and does it at once when let in. What the stretch costs shows in the
 * clock: Node drains microtasks between two callbacks of one turn, so the next one sees the time that it took. Work
 * that a stretch causes later, such as the answer of the database, shows in the length of the whole turn, and lets
 * fewer in.
 */
import { limits } from '../schema/limits.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { Clock } from './ports.ts';

export type FairAdmissionOptions = {
  /** It measures how long work takes, so it had better be finer than milliseconds. */
  readonly clock: Pick<Clock, 'now' | 'soon'>;
};

export type Admission = Pick<FairAdmission, 'enter' | 'waiting'>;

/** Nobody waits: for where no real time passes. */
export const admissionAtOnce: Admission = { enter: () => undefined, waiting: 0 };

export class FairAdmission {
  readonly #clock: FairAdmissionOptions['clock'];
  readonly #waiting: (() => void)[] = [];
  /** When the present slice began; `null` when nothing has entered in this turn of the loop. */
  #beganAt: Milliseconds | null = null;
  #endComes = false;
  /** When the turn before ended, if some waited then. */
  #endedAt: Milliseconds | null = null;
  /** How many of those that wait may be let in with the next turn. */
  #entries: number = limits.workSliceEntriesMax;

  constructor({ clock }: FairAdmissionOptions) {
    this.#clock = clock;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * `undefined` when the work may be done now; otherwise resolves when it may be, after everybody who asked before.
   * Never rejects.
   */
  enter(): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasTime()) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Begins a slice if there is none. */
  #hasTime(): boolean {
    const now = this.#clock.now();
    this.#beganAt ??= now;
    this.#endSoon();
    return now - this.#beganAt < limits.workSliceMs;
  }

  #endSoon(): void {
    if (this.#endComes) return;
    this.#endComes = true;
    this.#clock.soon(this.#end);
  }

  readonly #end = (): void => {
    this.#endComes = false;
    this.#beganAt = null;
    if (this.#waiting.length === 0) {
      this.#endedAt = null;
      return;
    }
    this.#adapt();
    // Each in a callback of its own: when the next one runs, the work of this one is done.
    const entries = Math.min(this.#entries, this.#waiting.length);
    for (let entry = 0; entry < entries; entry++) this.#clock.soon(this.#letIn);
    this.#endSoon();
  };

  readonly #letIn = (): void => {
    if (this.#hasTime()) this.#waiting.shift()?.();
  };

  #adapt(): void {
    const now = this.#clock.now();
    const turnMs = now - (this.#endedAt ?? now);
    this.#endedAt = now;
    this.#entries =
      turnMs > limits.workSliceTurnMs
        ? Math.max(1, Math.floor(this.#entries / 2))
        : Math.min(limits.workSliceEntriesMax, this.#entries + 1);
  }
}
