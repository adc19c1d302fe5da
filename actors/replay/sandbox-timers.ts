/** The timers of a sandbox: none fires by itself; each is identified by its number in the order of setting. */
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { MachineClock } from '../sessions/session-clock.ts';

/** What a timer will send to whom. */
export type TimerPurpose = { readonly actor: string; readonly event: string };

export type WaitingTimer = TimerPurpose & { readonly timer: number; readonly delayMs: Milliseconds };

type Waiting = { readonly run: () => void; readonly delayMs: Milliseconds; readonly purpose: TimerPurpose };

export class SandboxTimers {
  readonly #waiting = new Map<number, Waiting>();
  readonly #purpose: () => TimerPurpose;
  #set = 0;

  /** `purpose` is asked for while a timer is set: what that timer is for. */
  constructor(purpose: () => TimerPurpose) {
    this.#purpose = purpose;
  }

  readonly clock: MachineClock = {
    setTimeout: (run: () => void, delayMs: Milliseconds) => {
      this.#waiting.set(this.#set, { run, delayMs, purpose: this.#purpose() });
      return this.#set++;
    },
    clearTimeout: (timer: number) => {
      this.#waiting.delete(timer);
    },
  };

  /** In the order in which they were set. */
  waiting(): readonly WaitingTimer[] {
    return [...this.#waiting].map(([timer, { delayMs, purpose }]) => ({ timer, delayMs, ...purpose }));
  }

  runOut(timer: number): void {
    const waiting = this.#waiting.get(timer);
    this.#waiting.delete(timer);
    waiting?.run();
  }
}
