/**
 * One timer for all streams of a process. With a timer per token, thousands of answers would measure timers; this
 * wakes once per millisecond in which anything is due, and costs every system the same.
 */
import { monotonicMs } from '../process/monotonic.ts';

export class TokenTimer {
  /** By the whole millisecond in which they are due. */
  readonly #due = new Map<number, (() => void)[]>();
  #next = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** Calls `run` once, not before `dueMs` of the monotonic clock. */
  at(dueMs: number, run: () => void): void {
    const slot = Math.ceil(dueMs);
    const waiting = this.#due.get(slot);
    if (waiting === undefined) this.#due.set(slot, [run]);
    else waiting.push(run);
    if (slot < this.#next) this.#arm(slot);
  }

  #arm(slot: number): void {
    clearTimeout(this.#timer);
    this.#next = slot;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, slot - monotonicMs()));
  }

  #fire(): void {
    const now = monotonicMs();
    const fired = this.#next;
    this.#next = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    for (let slot = fired; slot <= now; slot++) {
      const waiting = this.#due.get(slot);
      if (waiting === undefined) continue;
      this.#due.delete(slot);
      for (const run of waiting) run();
    }
    let earliest = Number.POSITIVE_INFINITY;
    for (const slot of this.#due.keys()) earliest = Math.min(earliest, slot);
    if (earliest < this.#next) this.#arm(earliest);
  }
}
