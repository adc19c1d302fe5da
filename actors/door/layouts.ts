/** The layouts of users: each patch is merged into the stored layout, one after the other. */
import { limits } from '../../schema/limits.ts';
import { changedLayout, type Layout, type ShownLayout, shownLayout } from '../../schema/preferences.ts';
import { accepted, type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Clock, JournalUnavailable, type ReadModel } from '../ports.ts';

export type LayoutsOptions = {
  readonly outbox: Outbox;
  readonly readModel: Pick<ReadModel, 'layout'>;
  readonly clock: Clock;
  /** Why no command can be taken now, or `null`. */
  readonly registry: { readonly admission: () => Refusal | null };
};

export class Layouts {
  readonly #options: LayoutsOptions;
  /** Settles when the newest patch is stored. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: LayoutsOptions) {
    this.#options = options;
  }

  /** Resolves with the whole layout once it is stored. */
  readonly update = async (owner: string, patch: Layout): Promise<Outcome<ShownLayout>> => {
    const obstacle = this.#options.registry.admission();
    if (obstacle !== null) return refused(obstacle);
    if (this.#waiting >= limits.layoutUpdatesWaitingMax) {
      return refused(refusal('overloaded', 'Too many layouts wait to be stored; try again'));
    }
    this.#waiting++;
    const stored = this.#last.then(() => this.#store(owner, patch));
    this.#last = stored.catch(() => {});
    return await stored.finally(() => this.#waiting--);
  };

  async #store(owner: string, patch: Layout): Promise<Outcome<ShownLayout>> {
    const { readModel, outbox, clock } = this.#options;
    let layout: Layout;
    try {
      layout = changedLayout((await readModel.layout(owner)).layout, patch);
    } catch (cause) {
      if (!(cause instanceof JournalUnavailable)) throw cause;
      return refused(refusal('unavailable', 'The database is unavailable; try again'));
    }
    const units = JSON.stringify(layout).length;
    if (units > limits.layoutUnitsMax) {
      const message = `A layout may have ${limits.layoutUnitsMax} characters of JSON, not ${units}`;
      return refused(refusal('body_too_large', message));
    }
    const at = clock.now();
    outbox.accept({ type: 'preferences.updated', sessionId: null, at, data: { owner, layout } });
    await outbox.settled(null);
    return accepted(shownLayout({ layout, updatedAt: at }));
  }
}
