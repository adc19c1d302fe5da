/**
 * Passes a command to its session, unless it begins a turn for which its principal has no tokens left ([LIM28]), makes
 * one more session than its owner may have ([LIM30]), or would store more bytes than that owner may ([LIM31]).
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import { accepted, type Outcome, type Refusal, refused } from '../../schema/refusal.ts';
import { bytesToStore } from '../../schema/stored-bytes.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { ReadModel } from '../ports.ts';
import { earlierOutcome, isNamed, unconfirmed } from '../sessions/repeated-command.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { Release } from './owner-counts.ts';
import { unreadable } from './server-commands.ts';
import type { StoredBytes } from './stored-byte-limit.ts';
import type { StoredSessions } from './stored-session-limit.ts';
import type { TokenBudget } from './token-budget.ts';

export type AffordableCommandsOptions = {
  readonly budget: Pick<TokenBudget, 'refusal' | 'refused'>;
  readonly sessions: Pick<StoredSessions, 'admit' | 'refused'>;
  readonly bytes: Pick<StoredBytes, 'isLimited' | 'ownerOf' | 'admit' | 'refused'>;
  readonly registry: Pick<SessionRegistry, 'dispatch'>;
  readonly outbox: Pick<Outbox, 'settled'>;
  readonly readModel: ReadModel;
};

/** Whether the owner of a session may store what a command brings; `undefined`: there is no owner. */
type Admission = { readonly owner: SessionOwner | undefined; readonly outcome: Outcome<Release> };

export class AffordableCommands {
  readonly #options: AffordableCommandsOptions;
  /** Per session, the commands of which something is read first: those behind them wait, so that all keep their order. */
  readonly #reading = new Map<SessionId, Promise<unknown>>();

  constructor(options: AffordableCommandsOptions) {
    this.#options = options;
  }

  /** Commands of one principal to a session reach it in the order of the calls. Never rejects. */
  dispatch(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    if ('owner' in command && command.owner !== undefined) return this.#make(id, command, command.owner);
    if (!this.#options.bytes.isLimited() && !this.#reading.has(id)) return this.#dispatchPaid(id, command);
    const before = this.#reading.get(id);
    return before === undefined
      ? this.#dispatchStored(id, command)
      : before.then(() => this.#dispatchStored(id, command));
  }

  /** Passes it on unless it would store too much. */
  #dispatchStored(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    const bytes = bytesToStore(command);
    if (bytes === null) return this.#dispatchPaid(id, command);
    const admitted = this.#admit(id, bytes);
    if (!(admitted instanceof Promise)) return this.#dispatchAdmitted(id, command, admitted);
    // What comes meanwhile goes on when this one has been passed on, not when it has been answered.
    const passed = Promise.withResolvers<void>();
    this.#reading.set(id, passed.promise);
    return admitted.then((admission) => {
      const answer = this.#dispatchAdmitted(id, command, admission);
      if (this.#reading.get(id) === passed.promise) this.#reading.delete(id);
      passed.resolve();
      return answer;
    });
  }

  #admit(id: SessionId, bytes: number): Admission | Promise<Admission> {
    const owner = this.#options.bytes.ownerOf(id);
    return owner instanceof Promise
      ? owner.then(
          (known) => this.#admitOwner(known, bytes),
          () => ({ owner: undefined, outcome: refused(unreadable) }),
        )
      : this.#admitOwner(owner, bytes);
  }

  #admitOwner(owner: SessionOwner | undefined, bytes: number): Admission | Promise<Admission> {
    if (owner === undefined) return { owner, outcome: accepted(() => {}) };
    const outcome = this.#options.bytes.admit(owner, bytes);
    return outcome instanceof Promise
      ? outcome.then((known) => ({ owner, outcome: known }))
      : { owner, outcome };
  }

  async #dispatchAdmitted(
    id: SessionId,
    command: SessionCommand,
    { owner, outcome }: Admission,
  ): Promise<Outcome<unknown>> {
    if (!outcome.ok) {
      const { refusal } = outcome;
      return await this.#refuse(id, command, refusal, () => {
        if (owner !== undefined) this.#options.bytes.refused(owner, refusal);
      });
    }
    try {
      return await this.#dispatchPaid(id, command);
    } finally {
      outcome.value();
    }
  }

  #dispatchPaid(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    const { budget, registry } = this.#options;
    const payer = 'chargedTo' in command ? command.chargedTo : undefined;
    if (payer === undefined) return registry.dispatch(id, command);
    const reason = budget.refusal(payer);
    const judge = (known: Refusal | null) =>
      known === null
        ? registry.dispatch(id, command)
        : this.#refuse(id, command, known, () => budget.refused(payer, known));
    return reason instanceof Promise ? reason.then(judge) : judge(reason);
  }

  async #make(id: SessionId, command: SessionCommand, owner: SessionOwner): Promise<Outcome<unknown>> {
    const { sessions, bytes, registry } = this.#options;
    const admitted = await sessions.admit(owner);
    if (!admitted.ok) {
      const { refusal } = admitted;
      return await this.#refuse(id, command, refusal, () => sessions.refused(owner, refusal));
    }
    try {
      const stored = await bytes.admit(owner, bytesToStore(command) ?? 0);
      if (!stored.ok) {
        return await this.#refuse(id, command, stored.refusal, () => bytes.refused(owner, stored.refusal));
      }
      try {
        return await registry.dispatch(id, command);
      } finally {
        stored.value();
      }
    } finally {
      admitted.value();
    }
  }

  /** Who repeats a command that took effect is answered as then. */
  async #refuse(
    id: SessionId,
    command: SessionCommand,
    reason: Refusal,
    count: () => void,
  ): Promise<Outcome<unknown>> {
    if (isNamed(command)) {
      const { outbox, readModel } = this.#options;
      await outbox.settled(id);
      try {
        const earlier = await earlierOutcome(readModel, id, command);
        if (earlier !== null) return earlier;
      } catch {
        return refused(unconfirmed);
      }
    }
    count();
    return refused(reason);
  }
}
