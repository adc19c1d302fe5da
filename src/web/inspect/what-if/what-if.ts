/**
 * What if: the shown step of a recording, as the place from which a person lets other things happen. The sandbox is
 * loaded when first used. Nothing of it is sent to the server or put into the address.
 */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ReadJournal } from '../time/read-journal.ts';
import type { Moment, Move, SandboxedSession } from './sandboxed-session.ts';

export type WhatIfOptions = {
  readonly journal: ReadJournal;
  readonly failed: (error: unknown) => void;
};

export class WhatIf {
  readonly #options: WhatIfOptions;
  readonly #moment: Signal<Moment | null> = signal(null);
  #session: SandboxedSession | null = null;
  /** Counts what was begun, so that what comes late is dropped. */
  #begun = 0;
  readonly isBusy = signal(false);
  /** Why there is no what-if from this step; `null`: none is known. */
  readonly obstacle = signal<string | null>(null);

  constructor(options: WhatIfOptions) {
    this.#options = options;
  }

  /** The actors after the moves; `null`: what is shown is the recording. */
  readonly moment: ReadonlySignal<Moment | null> = this.#moment;

  /** Puts the session into the sandbox as it was at `seq`. */
  async begin(sessionId: string, seq: number): Promise<void> {
    await this.#busy(async () => {
      const [{ SandboxedSession }, events] = await Promise.all([
        import('./sandboxed-session.ts'),
        this.#options.journal.whole(sessionId),
      ]);
      return await SandboxedSession.at({ sessionId, events, seq });
    });
  }

  move(move: Move): void {
    if (this.#session === null || this.isBusy.value) return;
    this.#show(this.#session.after(move));
  }

  async undo(): Promise<void> {
    const session = this.#session;
    if (session !== null && !this.isBusy.value) await this.#busy(() => session.undone());
  }

  leave(): void {
    this.#begun++;
    batch(() => {
      this.isBusy.value = false;
      this.obstacle.value = null;
      this.#show(null);
    });
  }

  async #busy(make: () => Promise<SandboxedSession | null>): Promise<void> {
    const mine = ++this.#begun;
    this.isBusy.value = true;
    try {
      const session = await make();
      if (mine !== this.#begun) return;
      this.obstacle.value =
        session === null
          ? 'What led to this step was not kept, or other machines wrote it, so the machines cannot be put into it. Choose a step that is not marked “recorded” or “closed”.'
          : null;
      this.#show(session);
    } catch (error) {
      if (mine === this.#begun) this.#options.failed(error);
    } finally {
      if (mine === this.#begun) this.isBusy.value = false;
    }
  }

  #show(session: SandboxedSession | null): void {
    this.#session = session;
    this.#moment.value = session?.moment ?? null;
  }
}
