/**
 * How many sessions an owner may have in the store ([LIM30]). Those that are being made count, so that none slips through.
 * What is stored is counted once for each owner, and then followed: the rows of deleted sessions would be counted past each
 * time.
 */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { isLimitKind, type LimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import { accepted, type Outcome, type Refusal, refused } from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';
import type { SessionOwners } from '../sessions/owner-limits.ts';
import { unreadable } from './server-commands.ts';

export type StoredSessionLimit = {
  /** 0: no bound. */
  readonly max: () => number;
  readonly refused: (kind: LimitKind, owner: SessionOwner) => void;
};

export type StoredSessionsOptions = {
  readonly readModel: Pick<ReadModel, 'storedSessions'>;
  readonly owners?: Pick<SessionOwners, 'known'> | undefined;
  readonly storedSessionLimit?: StoredSessionLimit | undefined;
};

export class StoredSessions {
  readonly #options: StoredSessionsOptions;
  /** How many are stored, of owners who were asked for; those asked for last are at the end. */
  readonly #stored = new Map<string, number>();
  /** How many are being made. */
  readonly #making = new Map<string, number>();
  /** Counts the changes of what is stored, so that a read which one has overtaken is repeated. */
  #changes = 0;

  constructor(options: StoredSessionsOptions) {
    this.#options = options;
  }

  /** Lets the owner make one more session, until the function is called that it returns; or says why not. */
  async admit(owner: SessionOwner): Promise<Outcome<() => void>> {
    const max = this.#options.storedSessionLimit?.max() ?? 0;
    if (max === 0) return accepted(() => {});
    const key = ownerKey(owner);
    const making = this.#making.get(key) ?? 0;
    this.#making.set(key, making + 1);
    const ended = () => {
      const left = (this.#making.get(key) ?? 1) - 1;
      if (left === 0) this.#making.delete(key);
      else this.#making.set(key, left);
    };
    let reason: Refusal = unreadable;
    try {
      const stored = await this.#storedBy(owner, key);
      if (stored + making < max) return accepted(ended);
      reason = limitRefusal(
        'sessions_stored',
        `You have ${max} sessions; delete one first`,
        limits.storedRetryMs,
      );
    } catch {
      // `reason` says it.
    }
    ended();
    return refused(reason);
  }

  /** Counts a refusal that was passed on. */
  refused(owner: SessionOwner, { code }: Refusal): void {
    if (isLimitKind(code)) this.#options.storedSessionLimit?.refused(code, owner);
  }

  /** Takes an event after its commit. */
  committed(event: JournaledEvent): void {
    if (event.type === 'session.created') this.#change(event.record, 1);
    else if (event.type === 'session.deleted') {
      const owner = this.#options.owners?.known(event.data.id);
      if (owner === undefined) {
        // Nobody knows whose it was, so everybody is counted anew.
        this.#changes++;
        this.#stored.clear();
      } else this.#change(owner, -1);
    }
  }

  #change(owner: SessionOwner | undefined, by: 1 | -1): void {
    if (owner === undefined) return;
    this.#changes++;
    const key = ownerKey(owner);
    const stored = this.#stored.get(key);
    if (stored !== undefined) this.#stored.set(key, stored + by);
  }

  async #storedBy(owner: SessionOwner, key: string): Promise<number> {
    const known = this.#stored.get(key);
    if (known !== undefined) {
      this.#keep(key, known);
      return known;
    }
    for (let attempt = 1; ; attempt++) {
      const before = this.#changes;
      const stored = await this.#options.readModel.storedSessions(owner, limits.countedSessionsMax);
      if (before === this.#changes) this.#keep(key, stored);
      if (before === this.#changes || attempt >= limits.lookupAttemptsMax) return stored;
    }
  }

  #keep(key: string, stored: number): void {
    this.#stored.delete(key);
    this.#stored.set(key, stored);
    if (this.#stored.size <= limits.countedOwnersMax) return;
    const [oldest] = this.#stored.keys();
    if (oldest !== undefined) this.#stored.delete(oldest);
  }
}
