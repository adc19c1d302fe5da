/** Connects the actors of one process: outbox, registry, door. Everything outside comes in through a port. */
import type { TurnBounds } from '../machines/turn-context.ts';
import type { SessionId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../schema/runtime-config.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import { CauseLedger } from './causes/cause-ledger.ts';
import type { CommandDoor } from './door/command-door.ts';
import { liveCommandDoor } from './door/live-command-door.ts';
import type { SessionFiles } from './file-store.ts';
import { estimatedTokens } from './model-calls/token-estimate.ts';
import { ToldTools } from './model-calls/told-tools.ts';
import { isTraceLane, traceOfLane } from './outbox/lane-key.ts';
import { Outbox, type OutboxOptions } from './outbox/outbox.ts';
import type {
  Clock,
  Engine,
  Ids,
  Journal,
  Log,
  Publisher,
  Random,
  ReadModel,
  TokenEstimate,
  ToolBox,
} from './ports.ts';
import { AttachedFiles } from './sessions/attached-files.ts';
import { PendingReplies } from './sessions/pending-replies.ts';
import { sessionActorFactory } from './sessions/session-actor.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { Supervisor } from './sessions/supervisor.ts';
import { tracePurge } from './traces/trace-purge.ts';
import { TraceRegistry } from './traces/trace-registry.ts';
import { ExecutionTrees } from './watch/execution-tree.ts';
import { LiveActors } from './watch/live-actors.ts';

export type LiveSystemPorts = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly files: SessionFiles;
  readonly publisher: Publisher;
  readonly engine: Engine;
  readonly tools: ToolBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Spreads retries randomly. */
  readonly random: Random;
};

export type LiveSystemOptions = {
  readonly configDefaults?: RuntimeConfig;
  readonly sessionsLiveMax?: number;
  /** Options of model calls unless a session or a message sets its own. */
  readonly modelOptions?: ModelOptions;
  /** `<provider>/<model>` that names sessions; absent: the model that gave the answer. */
  readonly titleModel?: string | undefined;
  readonly turnBounds?: TurnBounds;
  /** Silence after which a model call counts as dead, ms. Default `limits.modelSilenceMsMax`. */
  readonly modelSilenceMsMax?: Milliseconds;
  /** How long one model call may take as a whole, ms. Default `limits.modelMsMax`. */
  readonly modelMsMax?: Milliseconds;
  /** Default: `estimatedTokens`. */
  readonly estimateTokens?: TokenEstimate;
  /** Default: the real outbox. Test harnesses observe it, or break it. */
  readonly createOutbox?: (options: OutboxOptions) => Outbox;
};

export type LiveSystem = {
  readonly door: CommandDoor;
  readonly outbox: Outbox;
  readonly registry: SessionRegistry;
  /** The running actors, for inspectors. */
  readonly actors: LiveActors;
  readonly executionTrees: ExecutionTrees;
  /**
   * Purges some of the traces that ended before that time; resolves with whether more are left. Rejects with
   * `JournalUnavailable`.
   */
  readonly purgeTraces: (before: Milliseconds) => Promise<boolean>;
  /**
   * Closes or continues the turns that the last process left open (I11). Resolves when that is durable, for as many
   * sessions as fit into memory.
   */
  readonly recover: () => Promise<void>;
  /**
   * Lets running turns end: no new turn starts, and turns still running after `graceMs` end as interrupted. Resolves
   * when that is durable, or when the journal did not take it within `shutdownFlushMsMax`.
   */
  readonly drain: (graceMs: Milliseconds) => Promise<void>;
  /**
   * Flushes the journal, then stops every actor where it is. Resolves with false when the journal did not take
   * everything within `shutdownFlushMsMax`; what it did not take was never acknowledged.
   */
  readonly stop: () => Promise<boolean>;
};

/** Reads the runtime config and starts; rejects when the read model does. Call `recover` before serving. */
export async function startLiveSystem(
  ports: LiveSystemPorts,
  options: LiveSystemOptions = {},
): Promise<LiveSystem> {
  const { readModel, clock, log } = ports;
  const replies = new PendingReplies();
  const causes = new CauseLedger();
  const actors = new LiveActors({
    roots: () => [door.configActor, ...traces.actors(), ...registry.actors()],
    clock,
    log,
  });
  const executionTrees = new ExecutionTrees({
    ...ports,
    running: (id) => registry.runningAgent(id),
    modelOf: (session) => session.options?.model ?? options.modelOptions?.model ?? ports.engine.name,
  });
  const publisher: Publisher = {
    ...ports.publisher,
    durable: (event, seq) => {
      actors.committed(event, seq);
      ports.publisher.durable(event, seq);
      executionTrees.committed(event);
    },
  };
  const { createOutbox = (given) => new Outbox(given) } = options;
  const outbox = createOutbox({
    ...ports,
    publisher,
    causes,
    onReply: replies.settle,
    onRejected: (key, cause) => {
      log.error('The journal rejected events', { sessionId: key, cause });
      if (key === null) door.restoreConfig();
      else if (isTraceLane(key)) traces.reject(traceOfLane(key));
      else registry.reject(key, cause);
    },
    onSessionDeleted: (id) => traces.sessionDeleted(id),
  });
  const estimateTokens = options.estimateTokens ?? estimatedTokens;
  const createSessionActor = sessionActorFactory({
    ...ports,
    outbox,
    causes,
    modelOptions: options.modelOptions ?? {},
    titleModel: options.titleModel,
    silenceMsMax: options.modelSilenceMsMax ?? limits.modelSilenceMsMax,
    callMsMax: options.modelMsMax ?? limits.modelMsMax,
    estimateTokens,
    toldTools: new ToldTools(estimateTokens),
  });
  const registry = new SessionRegistry({
    outbox,
    causes,
    replies,
    readModel,
    attached: new AttachedFiles({ ...ports, modelOptions: options.modelOptions ?? {} }),
    clock,
    log,
    supervisor: new Supervisor(ports),
    agentId: ports.engine.name,
    turnBounds: options.turnBounds,
    createSessionActor: (input) => {
      const actor = createSessionActor(input);
      actors.started(actor);
      return actor;
    },
    ...(options.sessionsLiveMax === undefined ? {} : { sessionsLiveMax: options.sessionsLiveMax }),
  });
  const traces = new TraceRegistry({
    ...ports,
    outbox,
    replies,
    admission: () => registry.admission(),
    starting: (actor) => actors.started(actor),
  });
  const stopSweeping = every(clock, limits.sessionSweepMs, () => {
    const idle = clock.now() - limits.sessionIdleMs;
    registry.passivateIdle(idle);
    traces.passivateIdle(idle);
  });
  const configDefaults = options.configDefaults ?? defaultRuntimeConfig;
  const initialConfig = (await readModel.runtimeConfig()) ?? configDefaults;
  const door = liveCommandDoor({
    ...ports,
    registry,
    traces,
    outbox,
    replies,
    initialConfig,
    configDefaults,
  });
  let stopping = false;
  const flush = (): Promise<boolean> => {
    return new Promise((resolve) => {
      const cancel = clock.after(limits.shutdownFlushMsMax, () => resolve(false));
      void outbox.flushed().then(() => {
        cancel();
        resolve(true);
      });
    });
  };
  /** Removes each session it wakes from `ids`. */
  const wakeWhileThereIsRoom = async (ids: SessionId[]): Promise<void> => {
    for (let id = ids[0]; id !== undefined && (await registry.wake(id)); id = ids[0]) ids.shift();
  };
  /** When more sessions have open turns than fit into memory, wakes the rest as the first ones finish. */
  const wakeTheRest = async (ids: SessionId[]): Promise<void> => {
    while (ids.length > 0 && !stopping) {
      await pause(clock, limits.drainPollMs);
      await wakeWhileThereIsRoom(ids).catch((cause: unknown) => {
        log.warn('Recovery waits for the database', { cause });
      });
    }
  };
  return {
    door,
    outbox,
    registry,
    actors,
    executionTrees,
    purgeTraces: tracePurge({ ...ports, outbox, gone: (id) => traces.reject(id) }),
    recover: async () => {
      const left = [...(await readModel.sessionsWithOpenTurns())];
      await wakeWhileThereIsRoom(left);
      // The first reader must find the turns of the last process closed.
      await flush();
      if (left.length > 0) void wakeTheRest(left);
    },
    drain: async (graceMs) => {
      stopping = true;
      registry.park();
      const deadline = clock.now() + graceMs;
      while (registry.responding() > 0 && clock.now() < deadline) await pause(clock, limits.drainPollMs);
      registry.interrupt('Interrupted: the server is shutting down');
      await flush();
    },
    stop: async () => {
      stopping = true;
      stopSweeping();
      const flushed = await flush();
      registry.stop();
      traces.stop();
      return flushed;
    },
  };
}

function pause(clock: Clock, delay: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delay, resolve);
  });
}

/** Calls `run` after each `interval` until the returned function is called. */
function every(clock: Clock, interval: Milliseconds, run: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(interval, () => {
      run();
      next();
    });
  };
  next();
  return () => cancel();
}
