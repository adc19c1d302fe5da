/** The timers of a sandbox: none fires by itself; each is identified by its number in the order of setting. */
import type { MachineClock } from '../sessions/session-clock.ts';

export class SandboxTimers {
  readonly #waiting = new Map<number, () => void>();
  #set = 0;

  readonly clock: MachineClock = {
    setTimeout: (run: () => void) => {
      this.#waiting.set(this.#set, run);
      return this.#set++;
    },
    clearTimeout: (timer: number) => {
      this.#waiting.delete(timer);
    },
  };

  runOut(timer: number): void {
    const run = this.#waiting.get(timer);
    this.#waiting.delete(timer);
    run?.();
  }
}
