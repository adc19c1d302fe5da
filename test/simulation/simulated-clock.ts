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

  /** Moves the wall clock by so many ms; timers are not affected. */
  step(ms: number): void {
    this.#skew += ms;
  }

  get idle(): boolean {
    return this.#soon.length === 0;
  }

  /** How many timers have not fired. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Ends the tick: runs what `soon` has queued, but not what that queues. */
  tick(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) run();
  }

  /**
   * Fires the next timer that is due by `end`, at its time. If there is none, sets the time to `end` and returns
   * false.
   */
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

  /** Drops everything that was queued. */
  die(): void {
    this.#timers.clear();
    this.#soon = [];
  }

  /** Moves from deadline to deadline, with a tick after each. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.fireNext(end)) this.tick();
  }
}
