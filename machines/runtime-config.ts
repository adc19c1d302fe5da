/**
 * Runtime config: one document that clients patch (docs/protocol.md A2). It has context but no states, so it is a
 * store.
 */
import { fromStore } from '@xstate/store';
import { z } from 'zod';
import type { CommandReply, Idempotency } from '../schema/commands.ts';
import type { DomainEventOf } from '../schema/event-catalogue.ts';
import type { CommandId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { refusal } from '../schema/refusal.ts';
import {
  patchedRuntimeConfig,
  type RuntimeConfig,
  type UpdateRuntimeConfig,
} from '../schema/runtime-config.ts';
import type { Milliseconds } from '../schema/timestamp.ts';

type ConfigContext = { readonly config: RuntimeConfig };

/** A patch, with the time added by the door. */
export type ConfigUpdate = {
  readonly patch: UpdateRuntimeConfig;
  readonly commandId: CommandId;
  readonly idempotency?: Idempotency | undefined;
  readonly at: Milliseconds;
};

type Payload<Emitted> = Omit<Emitted, 'type'>;
type Reply<Type extends CommandReply['type']> = Payload<Extract<CommandReply, { type: Type }>>;

/**
 * Any patch is broadcast, `{}` included (docs/protocol.md A3); too many features are refused (`configFeaturesMax`).
 */
export const runtimeConfigLogic = fromStore({
  context: (input: ConfigContext) => input,
  schemas: {
    emitted: {
      'config.updated': z.custom<Payload<DomainEventOf<'config.updated'>>>(),
      'command.completed': z.custom<Payload<DomainEventOf<'command.completed'>>>(),
      'command.accepted': z.custom<Reply<'command.accepted'>>(),
      'command.refused': z.custom<Reply<'command.refused'>>(),
    },
  },
  on: {
    /** Restores `config`, because later patches could not be stored. */
    'config.reset': (_context: ConfigContext, event: ConfigContext) => ({ config: event.config }),
    'config.update': (context: ConfigContext, event: ConfigUpdate, enqueue) => {
      const { commandId, at } = event;
      const config = patchedRuntimeConfig(context.config, event.patch);
      if (Object.keys(config.features).length > limits.configFeaturesMax) {
        enqueue.emit['command.refused']({
          sessionId: null,
          commandId,
          refusal: refusal(
            'bad_request',
            `features must have at most ${limits.configFeaturesMax} keys after merging`,
          ),
        });
        return context;
      }
      enqueue.emit['config.updated']({ sessionId: null, at, commandId, data: config });
      if (event.idempotency !== undefined) {
        const data = { ...event.idempotency, result: config };
        enqueue.emit['command.completed']({ sessionId: null, at, commandId, data });
      }
      enqueue.emit['command.accepted']({ sessionId: null, commandId, result: config });
      return { config };
    },
  },
});
