/** Commands that are addressed to the server: one queue, so that they take effect in the order in which they came. */
import type { Idempotency } from '../../schema/commands.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { ReadModel } from '../ports.ts';
import type { PendingReplies } from '../sessions/pending-replies.ts';
import { outcomeOfKey } from '../sessions/repeated-command.ts';
import type { Named } from './command-door.ts';

/** What the door adds to a command. */
export type Stamp = {
  readonly commandId: CommandId;
  readonly at: Milliseconds;
  readonly idempotency: Idempotency | undefined;
};

export type ServerCommandsOptions = {
  readonly readModel: Pick<ReadModel, 'completedCommand'>;
  readonly replies: Pick<PendingReplies, 'expect'>;
  readonly stamp: (named: Named) => Stamp;
  /** Why no command can be taken now, or `null`. */
  readonly admission: () => Refusal | null;
};

export class ServerCommands {
  readonly #options: ServerCommandsOptions;
  /** Settles when the newest command was sent to its actor, or answered without. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: ServerCommandsOptions) {
    this.#options = options;
  }

  /**
   * `send` gives the command to its actor, unless its client gave it before. A command with a name is looked up first,
   * which takes time; those that come meanwhile wait, so that none overtakes it (I10).
   */
  readonly run = async (named: Named, send: (command: Stamp) => void): Promise<Outcome<unknown>> => {
    const obstacle = this.#options.admission();
    if (obstacle !== null) return refused(obstacle);
    if (this.#waiting >= limits.serverCommandsWaitingMax) return refused(tooMany);
    this.#waiting++;
    const before = this.#last;
    const sent = Promise.withResolvers<void>();
    this.#last = sent.promise;
    let reply: Promise<Outcome<unknown>>;
    try {
      await before;
      const earlier = named === undefined ? null : await this.#earlier(named);
      if (earlier !== null) return earlier;
      const command = this.#options.stamp(named);
      reply = this.#options.replies.expect(command.commandId);
      send(command);
    } finally {
      this.#waiting--;
      sent.resolve();
    }
    return await reply;
  };

  async #earlier(named: Idempotency): Promise<Outcome<unknown> | null> {
    try {
      return await outcomeOfKey(this.#options.readModel, named);
    } catch {
      return refused(unreadable);
    }
  }
}

export const unreadable = refusal('unavailable', 'The database is unavailable; try again');

const tooMany = refusal('overloaded', 'Too many commands wait to be looked up; try again');
