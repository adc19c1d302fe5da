/** Time and ticks that only move when a test says so. */
import type { Clock } from '../../actors/ports.ts';

type Timer = { readonly due: number; readonly run: () => void };

export class SimulatedClock implements Clock {
  #now: number;
  #skew = 0;
  #soon: (() => void)[] = [];
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>();

  constructor(start = 0) {
    this.#now = start;
  }

  readonly now = (): number => this.#now + this.#skew;

  readonly soon = (run: () => void): void => {
    this.#soon.push(run);
  };

  readonly after = (delay: number, run: () => void): (() => void) => {
    const timer = { due: this.#now + delay, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Time that never steps back. */
  get elapsed(): number {
    return this.#now;
  }

  /** The wall clock steps by so many ms; timers do not notice. */
  step(ms: number): void {
    this.#skew += ms;
  }

  get idle(): boolean {
    return this.#soon.length === 0;
  }

  /** Timers that have not fired. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Ends the tick: runs what was asked for soon, but not what that asks for. */
  tick(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) run();
  }

  /** Fires the next timer that is due by `end`, at its time; false, and `end` is now, if there is none. */
  fireNext(end: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.due < (next?.due ?? end + 1)) next = timer;
    this.#now = Math.max(this.#now, next?.due ?? end);
    if (next === undefined) return false;
    this.#timers.delete(next);
    next.run();
    return true;
  }

  /** When the next timer fires; `undefined`: there is none. */
  get nextDue(): number | undefined {
    let due: number | undefined;
    for (const timer of this.#timers) due = Math.min(due ?? timer.due, timer.due);
    return due;
  }

  /** Nothing that was asked for happens any more. */
  die(): void {
    this.#timers.clear();
    this.#soon = [];
  }

  /** Moves deadline by deadline, a tick after each. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.fireNext(end)) this.tick();
  }
}
