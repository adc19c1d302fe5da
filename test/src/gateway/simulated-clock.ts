/** Time and ticks that only move when a test says so. */
import type { Clock } from '../../../actors/ports.ts';

export class SimulatedClock implements Clock {
  #now = 0;
  #soon: (() => void)[] = [];
  readonly #timers = new Set<{ readonly due: number; readonly run: () => void }>();

  readonly now = (): number => this.#now;

  readonly soon = (run: () => void): void => {
    this.#soon.push(run);
  };

  readonly after = (delay: number, run: () => void): (() => void) => {
    const timer = { due: this.#now + delay, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Ends the tick: runs what was asked for soon, but not what that asks for. */
  tick(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) run();
  }

  /** Moves deadline by deadline, a tick after each. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ due }) => due <= end)
        .sort((one, other) => one.due - other.due);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
      this.tick();
    }
    this.#now = end;
  }

  get idle(): boolean {
    return this.#soon.length === 0;
  }
}
