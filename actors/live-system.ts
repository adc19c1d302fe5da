/** Wires the actors of one process together: outbox, registry, door. Everything outside comes in as a port. */
import { defaultRuntimeConfig, type RuntimeConfig } from '../schema/runtime-config.ts';
import type { CommandDoor } from './command-door.ts';
import { liveCommandDoor } from './live-command-door.ts';
import { Outbox } from './outbox.ts';
import { PendingReplies } from './pending-replies.ts';
import type { Clock, Engine, Ids, Journal, Log, Publisher, ReadModel, ToolBox } from './ports.ts';
import { sessionActorFactory } from './session-actor.ts';
import { SessionRegistry } from './session-registry.ts';

export type LiveSystemPorts = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly publisher: Publisher;
  readonly engine: Engine;
  readonly tools: ToolBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

export type LiveSystem = {
  readonly door: CommandDoor;
  readonly outbox: Outbox;
  readonly registry: SessionRegistry;
  /** Closes or continues what the last process left open (I11). Resolves when every such session is awake. */
  readonly recover: () => Promise<void>;
  /** Flushes the journal, then stops every actor where it is. */
  readonly stop: () => Promise<void>;
};

/** Reads the runtime config and starts; rejects when the read model does. Call `recover` before serving. */
export async function startLiveSystem(
  ports: LiveSystemPorts,
  options: { readonly configDefaults?: RuntimeConfig } = {},
): Promise<LiveSystem> {
  const { readModel, clock, log, ids } = ports;
  const replies = new PendingReplies();
  const outbox = new Outbox({
    ...ports,
    onReply: replies.settle,
    onRejected: (key, cause) => {
      log.error('The journal rejected events', { sessionId: key, cause });
      if (key !== null) registry.reject(key);
    },
  });
  const registry = new SessionRegistry({
    outbox,
    replies,
    readModel,
    clock,
    log,
    agentId: ports.engine.name,
    createSessionActor: sessionActorFactory({ ...ports, outbox }),
  });
  const initialConfig = (await readModel.runtimeConfig()) ?? options.configDefaults ?? defaultRuntimeConfig;
  const door = liveCommandDoor({ registry, outbox, replies, clock, ids, initialConfig });
  return {
    door,
    outbox,
    registry,
    recover: async () => {
      for (const id of await readModel.sessionsWithOpenTurns()) await registry.wake(id);
    },
    stop: async () => {
      await outbox.flushed();
      registry.stop();
      await outbox.flushed();
    },
  };
}
