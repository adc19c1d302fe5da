/**
 * Runtime config: one document that clients patch, flag by flag or key by key, and take back to its defaults
 * (docs/protocol.md A2). It has context but no states, so it is a store.
 */
import { fromStore } from '@xstate/store';
import { z } from 'zod';
import type { CommandReply, Idempotency } from '../schema/commands.ts';
import type { DomainEventOf } from '../schema/event-catalogue.ts';
import type { CommandId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { refusal } from '../schema/refusal.ts';
import {
  type configChangeKinds,
  configChanges,
  patchedRuntimeConfig,
  type RuntimeConfig,
  type UpdateRuntimeConfig,
} from '../schema/runtime-config.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';

type ConfigContext = {
  readonly config: RuntimeConfig;
  /** What a reset makes of it. */
  readonly defaults: RuntimeConfig;
};

/** What the door adds to each command. */
type Stamped = {
  readonly commandId: CommandId;
  readonly idempotency?: Idempotency | undefined;
  readonly at: Milliseconds;
  /** Who gives it: the name of an owner. */
  readonly by: string;
};

type ConfigUpdate = Stamped & { readonly patch: UpdateRuntimeConfig };
type ConfigFlagSet = Stamped & { readonly name: string; readonly value: boolean };
type ConfigReset = Stamped;

type Payload<Emitted> = Omit<Emitted, 'type'>;
type Reply<Type extends CommandReply['type']> = Payload<Extract<CommandReply, { type: Type }>>;

/** Whatever the store says, by name. */
type Said = {
  'config.updated': Payload<DomainEventOf<'config.updated'>>;
  'config.flag.updated': Payload<DomainEventOf<'config.flag.updated'>>;
  'config.reset': Payload<DomainEventOf<'config.reset'>>;
  'config.changed': Payload<DomainEventOf<'config.changed'>>;
  'command.completed': Payload<DomainEventOf<'command.completed'>>;
  'command.accepted': Reply<'command.accepted'>;
  'command.refused': Reply<'command.refused'>;
};
type Say = { readonly emit: { readonly [Name in keyof Said]: (payload: Said[Name]) => void } };

/**
 * Any command is told, also one that changes nothing (docs/protocol.md A3); only what changes something goes into the
 * history. Too many features are refused (`configFeaturesMax`).
 */
export const runtimeConfigLogic = fromStore({
  context: (input: ConfigContext) => input,
  schemas: {
    emitted: {
      'config.updated': z.custom<Said['config.updated']>(),
      'config.flag.updated': z.custom<Said['config.flag.updated']>(),
      'config.reset': z.custom<Said['config.reset']>(),
      'config.changed': z.custom<Said['config.changed']>(),
      'command.completed': z.custom<Said['command.completed']>(),
      'command.accepted': z.custom<Said['command.accepted']>(),
      'command.refused': z.custom<Said['command.refused']>(),
    },
  },
  on: {
    /** Restores `config`, because later commands could not be stored. */
    'config.restore': (context: ConfigContext, { config }: { readonly config: RuntimeConfig }) => ({
      ...context,
      config,
    }),
    'config.update': (context: ConfigContext, event: ConfigUpdate, enqueue) => {
      const config = patchedRuntimeConfig(context.config, event.patch);
      return withConfig(context, config, { event, kind: 'patched', say: enqueue });
    },
    'config.flag': (context: ConfigContext, event: ConfigFlagSet, enqueue) => {
      const config = patchedRuntimeConfig(context.config, { features: { [event.name]: event.value } });
      return withConfig(context, config, { event, kind: 'flag', say: enqueue }, () => {
        const { name, value, by, at, commandId } = event;
        const { features } = context.config;
        const previous = Object.hasOwn(features, name) ? (features[name] ?? null) : null;
        const data = { name, value, previous, by, timestamp: isoTimestamp(at) };
        enqueue.emit['config.flag.updated']({ sessionId: null, at, commandId, data });
      });
    },
    'config.reset': (context: ConfigContext, event: ConfigReset, enqueue) => {
      const config = context.defaults;
      return withConfig(context, config, { event, kind: 'reset', say: enqueue }, () => {
        const { by, at, commandId } = event;
        const data = { changes: configChanges(context.config, config), by, timestamp: isoTimestamp(at) };
        enqueue.emit['config.reset']({ sessionId: null, at, commandId, data });
      });
    },
  },
});

type Cause = {
  readonly event: Stamped;
  readonly kind: (typeof configChangeKinds)[number];
  readonly say: Say;
};

/** Says everything about the new config; `tellMore` says what only this command says. */
function withConfig(
  context: ConfigContext,
  config: RuntimeConfig,
  { event, kind, say: { emit } }: Cause,
  tellMore: () => void = () => {},
): ConfigContext {
  const { commandId, at, by, idempotency } = event;
  if (Object.keys(config.features).length > limits.configFeaturesMax) {
    const message = `features must have at most ${limits.configFeaturesMax} keys after merging`;
    emit['command.refused']({ sessionId: null, commandId, refusal: refusal('bad_request', message) });
    return context;
  }
  const about = { sessionId: null, at, commandId };
  const changes = configChanges(context.config, config);
  if (changes.length > 0) emit['config.changed']({ ...about, data: { id: commandId, by, kind, changes } });
  tellMore();
  emit['config.updated']({ ...about, data: config });
  if (idempotency !== undefined) {
    emit['command.completed']({ ...about, data: { ...idempotency, result: config } });
  }
  emit['command.accepted']({ sessionId: null, commandId, result: config });
  return { ...context, config };
}
