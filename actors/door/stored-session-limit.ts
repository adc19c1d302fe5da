/** How many sessions an owner may have in the store ([LIM30]). Those that are being made count, so that none slips through. */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { isLimitKind, type LimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import { accepted, type Outcome, type Refusal, refused } from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';
import type { SessionOwners } from '../sessions/owner-limits.ts';
import { OwnerCounts, type Release } from './owner-counts.ts';
import { unreadable } from './server-commands.ts';

/** A limit of what an owner has in the store. */
export type StoreLimit = {
  /** 0: no bound. */
  readonly max: () => number;
  readonly refused: (kind: LimitKind, owner: SessionOwner) => void;
};

export type StoredSessionsOptions = {
  readonly readModel: Pick<ReadModel, 'storedSessions'>;
  readonly owners?: Pick<SessionOwners, 'known'> | undefined;
  readonly storedSessionLimit?: StoreLimit | undefined;
};

export class StoredSessions {
  readonly #options: StoredSessionsOptions;
  readonly #counts: OwnerCounts;

  constructor(options: StoredSessionsOptions) {
    this.#options = options;
    this.#counts = new OwnerCounts((owner) =>
      options.readModel.storedSessions(owner, limits.countedSessionsMax),
    );
  }

  /** Lets the owner make one more session, until the function is called that it returns; or says why not. */
  async admit(owner: SessionOwner): Promise<Outcome<Release>> {
    const max = this.#options.storedSessionLimit?.max() ?? 0;
    if (max === 0) return accepted(() => {});
    try {
      const release = await this.#counts.admit(owner, 1, max);
      if (release !== null) return accepted(release);
    } catch {
      return refused(unreadable);
    }
    const message = `You have ${max} sessions; delete one first`;
    return refused(limitRefusal('sessions_stored', message, limits.storedRetryMs));
  }

  /** Counts a refusal that was passed on. */
  refused(owner: SessionOwner, { code }: Refusal): void {
    if (isLimitKind(code)) this.#options.storedSessionLimit?.refused(code, owner);
  }

  /** Takes an event after its commit. */
  committed(event: JournaledEvent): void {
    if (event.type === 'session.created') {
      if (event.record !== undefined) this.#counts.changed(event.record, 1);
    } else if (event.type === 'session.deleted') {
      const owner = this.#options.owners?.known(event.data.id);
      // If nobody knows whose it was, everybody is counted anew.
      if (owner === undefined) this.#counts.forget();
      else this.#counts.changed(owner, -1);
    } else if (event.type === 'session.updated' && event.record !== undefined) {
      // It was handed over: from whom, nobody says here.
      this.#counts.forget();
    }
  }
}
