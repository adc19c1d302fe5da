/** The runtime config: its actor, and the commands to it, which come to it one after the other. */
import { type AnyActorRef, createActor } from 'xstate';
import { runtimeConfigLogic } from '../../machines/runtime-config.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { CommandId } from '../../schema/ids.ts';
import { accepted, type Outcome } from '../../schema/refusal.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { publishing } from '../sessions/publishing.ts';
import type { CommandDoor, Named } from './command-door.ts';
import type { Stamp } from './server-commands.ts';

export type ConfigCommandsOptions = {
  readonly outbox: Outbox;
  readonly initialConfig: RuntimeConfig;
  readonly configDefaults: RuntimeConfig;
  /** Gives a command to the actor, unless its client gave it before; resolves with its answer. */
  readonly run: (named: Named, send: (command: Stamp) => void) => Promise<Outcome<unknown>>;
};

type Order = Parameters<ReturnType<typeof configActor>['send']>[0];
type WithoutStamp<Kind> = Kind extends { readonly commandId: CommandId } ? Omit<Kind, keyof Stamp> : never;

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

  /** Call it with each event after its commit. */
  readonly committed = (event: JournaledEvent): void => {
    if (event.type === 'config.updated') this.#committed = event.data;
  };

  async #order(order: WithoutStamp<Order>, named: Named): Promise<Outcome<RuntimeConfig>> {
    const outcome = await this.#options.run(named, (command) => this.#actor.send({ ...order, ...command }));
    return outcome.ok ? accepted(outcome.value as RuntimeConfig) : outcome;
  }
}
