/** Commands that wait for their answer. Each is answered exactly once: the first answer counts. */
import type { CommandReply } from '../../schema/commands.ts';
import type { CommandId } from '../../schema/ids.ts';
import { accepted, type Outcome, type Refusal, refused } from '../../schema/refusal.ts';

export class PendingReplies {
  readonly #resolvers = new Map<CommandId, (outcome: Outcome<unknown>) => void>();

  /** The answer to the command, when it comes. */
  expect(command: CommandId): Promise<Outcome<unknown>> {
    return new Promise((resolve) => this.#resolvers.set(command, resolve));
  }

  readonly settle = (reply: CommandReply): void => {
    this.answer(
      reply.commandId,
      reply.type === 'command.accepted' ? accepted(reply.result) : refused(reply.refusal),
    );
  };

  refuse(command: CommandId, reason: Refusal): void {
    this.answer(command, refused(reason));
  }

  answer(command: CommandId, outcome: Outcome<unknown>): void {
    const resolve = this.#resolvers.get(command);
    this.#resolvers.delete(command);
    resolve?.(outcome);
  }
}
