/** The runtime config: its actor, and the commands to it, which come to it one after the other. */
import { type AnyActorRef, createActor } from 'xstate';
import { runtimeConfigLogic } from '../../machines/runtime-config.ts';
import type { CommandId } from '../../schema/ids.ts';
import { accepted, type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { ReadModel } from '../ports.ts';
import type { PendingReplies } from '../sessions/pending-replies.ts';
import { publishing } from '../sessions/publishing.ts';
import { outcomeOfKey } from '../sessions/repeated-command.ts';
import type { CommandDoor, Named } from './command-door.ts';

export type ConfigCommandsOptions = {
  readonly outbox: Outbox;
  readonly replies: PendingReplies;
  readonly readModel: Pick<ReadModel, 'completedCommand'>;
  /** Why no command can be taken now, or `null`. */
  readonly registry: { readonly admission: () => Refusal | null };
  readonly initialConfig: RuntimeConfig;
  readonly configDefaults: RuntimeConfig;
  /** Runs a command under the name that its client gave it, within the time that clients wait. */
  readonly named: (named: Named, run: () => Promise<Outcome<unknown>>) => Promise<Outcome<unknown>>;
  readonly stamp: (named: Named) => {
    readonly commandId: CommandId;
    readonly at: Milliseconds;
    readonly idempotency: Named;
  };
};

type Order = Parameters<ReturnType<typeof configActor>['send']>[0];
type Stamped = 'commandId' | 'at' | 'idempotency';
type WithoutStamp<Kind> = Kind extends { readonly commandId: CommandId } ? Omit<Kind, Stamped> : never;

function configActor({ outbox, initialConfig, configDefaults }: ConfigCommandsOptions) {
  return createActor(publishing(runtimeConfigLogic, outbox.accept), {
    id: 'runtimeConfig',
    input: { config: initialConfig, defaults: configDefaults },
  });
}

export class ConfigCommands {
  readonly #options: ConfigCommandsOptions;
  readonly #actor: ReturnType<typeof configActor>;
  #committed: RuntimeConfig;

  constructor(options: ConfigCommandsOptions) {
    this.#options = options;
    this.#committed = options.initialConfig;
    this.#actor = configActor(options);
    this.#actor.start();
  }

  get actor(): AnyActorRef {
    return this.#actor;
  }

  /** The last committed config. */
  readonly runtimeConfig = (): RuntimeConfig => this.#committed;

  readonly update: CommandDoor['updateConfig'] = (patch, by, named) =>
    this.#order({ type: 'config.update', patch, by }, named);

  readonly setFlag: CommandDoor['setFlag'] = ({ name, value }, by, named) =>
    this.#order({ type: 'config.flag', name, value, by }, named);

  readonly reset: CommandDoor['resetConfig'] = (by, named) =>
    this.#order({ type: 'config.reset', by }, named);

  /** Takes the actor back to the committed config, because the journal refused the newest command for good. */
  readonly restore = (): void => {
    this.#actor.send({ type: 'config.restore', config: this.#committed });
  };

  async #order(order: WithoutStamp<Order>, named: Named): Promise<Outcome<RuntimeConfig>> {
    const outcome = await this.#options.named(named, () => this.#send(order, named));
    return outcome.ok ? accepted(outcome.value as RuntimeConfig) : outcome;
  }

  async #send(order: WithoutStamp<Order>, named: Named): Promise<Outcome<unknown>> {
    const { registry, readModel, replies, stamp } = this.#options;
    const obstacle = registry.admission();
    if (obstacle !== null) return refused(obstacle);
    if (named !== undefined) {
      const earlier = await outcomeOfKey(readModel, named).catch(() => refused(unreadable));
      if (earlier !== null) return earlier;
    }
    const command = stamp(named);
    const reply = replies.expect(command.commandId);
    this.#actor.send({ ...order, ...command });
    const outcome = await reply;
    if (outcome.ok) this.#committed = outcome.value as RuntimeConfig;
    return outcome;
  }
}

const unreadable = refusal('unavailable', 'The database is unavailable; try again');
