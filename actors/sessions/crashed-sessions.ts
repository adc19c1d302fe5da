/** Sessions whose actor died, or whose events were rejected, and that have not woken from their rows since. */
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Clock } from '../ports.ts';
import type { Decision } from './supervisor.ts';

export type CrashedSessionsOptions = {
  readonly clock: Clock;
  /** Reports itself why it rejects. */
  readonly wake: (id: SessionId) => Promise<boolean>;
};

export class CrashedSessions {
  readonly #options: CrashedSessionsOptions;
  /** The last crash of each. */
  readonly #crashes = new Map<SessionId, symbol>();
  #stopped = false;

  constructor(options: CrashedSessionsOptions) {
    this.#options = options;
  }

  /** True until it has woken: turns of it that had begun are not begun again. */
  has(id: SessionId): boolean {
    return this.#crashes.has(id);
  }

  add(id: SessionId, decision: Decision): void {
    const crash = Symbol(id);
    this.#crashes.set(id, crash);
    if (decision === 'restart') void this.#restart(id, crash);
  }

  woke(id: SessionId): void {
    this.#crashes.delete(id);
  }

  /** None of them wakes by itself any more; a command that still comes finds that they crashed. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Tries until it wakes: its rows cannot be read while the store is away, and until it wakes its clients see a turn
   * that has no end.
   */
  async #restart(id: SessionId, crash: symbol): Promise<void> {
    await this.#options.wake(id).catch(() => false);
    if (!this.#isToWake(id, crash)) return;
    this.#options.clock.after(limits.journalRetryMsMax, () => {
      if (this.#isToWake(id, crash)) void this.#restart(id, crash);
    });
  }

  #isToWake(id: SessionId, crash: symbol): boolean {
    return !this.#stopped && this.#crashes.get(id) === crash;
  }
}
