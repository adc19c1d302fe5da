/** How many sessions an owner may have in the store ([LIM30]). Those that are being made count, so that none slips through. */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import { type LimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import { type Outcome, refused } from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';
import { unreadable } from './server-commands.ts';

export type StoredSessionLimit = {
  /** 0: no bound. */
  readonly max: () => number;
  readonly refused: (kind: LimitKind, owner: SessionOwner) => void;
};

export class StoredSessions {
  readonly #readModel: Pick<ReadModel, 'storedSessions'>;
  readonly #limit: StoredSessionLimit | undefined;
  /** How many are being made. */
  readonly #making = new Map<string, number>();

  constructor(options: {
    readonly readModel: Pick<ReadModel, 'storedSessions'>;
    readonly storedSessionLimit?: StoredSessionLimit | undefined;
  }) {
    this.#readModel = options.readModel;
    this.#limit = options.storedSessionLimit;
  }

  /** Runs the command that makes a session, unless its owner has too many. */
  async within<Value>(
    owner: SessionOwner | undefined,
    make: () => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const max = this.#limit?.max() ?? 0;
    if (this.#limit === undefined || max === 0 || owner === undefined) return await make();
    const key = ownerKey(owner);
    const making = this.#making.get(key) ?? 0;
    this.#making.set(key, making + 1);
    try {
      const stored = await this.#readModel.storedSessions(owner, max);
      if (stored + making >= max) {
        this.#limit.refused('sessions_stored', owner);
        const message = `You have ${max} sessions; delete one first`;
        return refused(limitRefusal('sessions_stored', message, limits.storedRetryMs));
      }
      return await make();
    } catch {
      return refused(unreadable);
    } finally {
      const left = (this.#making.get(key) ?? 1) - 1;
      if (left === 0) this.#making.delete(key);
      else this.#making.set(key, left);
    }
  }
}
