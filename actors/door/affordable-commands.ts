/**
 * Passes a command to its session, unless it begins a turn for which its principal has no tokens left ([LIM28]), or makes
 * one more session than its owner may have ([LIM30]).
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import { type Outcome, type Refusal, refused } from '../../schema/refusal.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { ReadModel } from '../ports.ts';
import { earlierOutcome, isNamed, unconfirmed } from '../sessions/repeated-command.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { StoredSessions } from './stored-session-limit.ts';
import type { TokenBudget } from './token-budget.ts';

export type AffordableCommandsOptions = {
  readonly budget: Pick<TokenBudget, 'refusal' | 'refused'>;
  readonly sessions: Pick<StoredSessions, 'admit' | 'refused'>;
  readonly registry: Pick<SessionRegistry, 'dispatch'>;
  readonly outbox: Pick<Outbox, 'settled'>;
  readonly readModel: ReadModel;
};

export class AffordableCommands {
  readonly #options: AffordableCommandsOptions;

  constructor(options: AffordableCommandsOptions) {
    this.#options = options;
  }

  /** Commands of one principal to a session reach it in the order of the calls. Never rejects. */
  dispatch(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    const { budget, registry } = this.#options;
    if ('owner' in command && command.owner !== undefined) return this.#make(id, command, command.owner);
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
    const { sessions, registry } = this.#options;
    const admitted = await sessions.admit(owner);
    if (!admitted.ok) {
      const { refusal } = admitted;
      return await this.#refuse(id, command, refusal, () => sessions.refused(owner, refusal));
    }
    try {
      return await registry.dispatch(id, command);
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
