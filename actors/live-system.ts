/** Connects the actors of one process: outbox, registry, door. Everything outside comes in through a port. */
import type { TurnBounds } from '../machines/turn-context.ts';
import type { ClientChoices } from '../schema/client-choices.ts';
import type { SessionId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import { runEndReasons } from '../schema/run-end-reasons.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../schema/runtime-config.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import { type AuditLog, auditLog } from './audit-log.ts';
import { CauseLedger } from './causes/cause-ledger.ts';
import { everyChoice } from './door/client-choice.ts';
import type { CommandDoor } from './door/command-door.ts';
import { liveCommandDoor } from './door/live-command-door.ts';
import { StoredBytes } from './door/stored-byte-limit.ts';
import type { StoreLimit } from './door/stored-session-limit.ts';
import type { TokenLimit } from './door/token-budget.ts';
import { type Admission, admissionAtOnce } from './fair-admission.ts';
import type { SessionFiles } from './file-store.ts';
import { KeptConversations } from './model-calls/kept-conversations.ts';
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
} from './ports.ts';
import { claimedContext } from './pushed-turns/claimed-context.ts';
import type { Leases } from './pushed-turns/leases.ts';
import { PushedSources } from './pushed-turns/pushed-sources.ts';
import type { RegisteredTools } from './registered-tools.ts';
import { AttachedFiles } from './sessions/attached-files.ts';
import type { OwnerLimits, SessionOwners } from './sessions/owner-limits.ts';
import { PendingReplies } from './sessions/pending-replies.ts';
import { sessionActorFactory } from './sessions/session-actor.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { Supervisor } from './sessions/supervisor.ts';
import type { KeyHost } from './stored-keys.ts';
import type { ToolBox } from './tool-ports.ts';
import { tracePurge } from './traces/trace-purge.ts';
import { TraceRegistry } from './traces/trace-registry.ts';
import { KeptTurnSettings, type TurnSettings } from './turn-settings.ts';
import { ExecutionTrees } from './watch/execution-tree.ts';
import { LiveActors } from './watch/live-actors.ts';

export type LiveSystemPorts = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly files: SessionFiles;
  readonly publisher: Publisher;
  readonly engine: Engine;
  /** All tools, registered ones included. */
  readonly tools: ToolBox;
  /** Absent: no tools can be registered. */
  readonly registeredTools?: RegisteredTools;
  /** Absent: no keys are kept. */
  readonly keys?: KeyHost;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly leases: Leases;
  /** Absent: sessions belong to nobody, as without authentication. */
  readonly owners?: SessionOwners | undefined;
  readonly log: Log;
  /** In which turns begin and end; absent: as many at once as come. */
  readonly fairAdmission?: Admission | undefined;
  /** Spreads retries randomly. */
  readonly random: Random;
};

/** How turns are answered; it can be changed while the system runs. */
export type AnsweringOptions = {
  /** Options of model calls unless a session or a message sets its own. */
  readonly modelOptions?: ModelOptions;
  /** `<provider>/<model>` that names sessions; absent: the model that gave the answer. */
  readonly titleModel?: string | undefined;
  readonly turnBounds?: TurnBounds;
  /** What clients may choose; absent: everything. */
  readonly choices?: ClientChoices;
  /** Silence after which a model call counts as dead, ms. Default `limits.modelSilenceMsMax`. */
  readonly modelSilenceMsMax?: Milliseconds;
  /** How long one model call may take as a whole, ms. Default `limits.modelMsMax`. */
  readonly modelMsMax?: Milliseconds;
};

export type LiveSystemOptions = AnsweringOptions & {
  readonly configDefaults?: RuntimeConfig;
  readonly sessionsLiveMax?: number;
  /** Limits of the owners of sessions; absent: none. */
  readonly ownerLimits?: OwnerLimits | undefined;
  /** Limit of the tokens of principals; absent: none. */
  readonly tokenLimit?: TokenLimit | undefined;
  /** Limit of the sessions that an owner has in the store; absent: none. */
  readonly storedSessionLimit?: StoreLimit | undefined;
  /** Limit of the bytes of the sessions and files of an owner; absent: none. */
  readonly storedByteLimit?: StoreLimit | undefined;
  /** How long an agent outside may be silent unless it says otherwise, ms. Default `limits.leaseMsDefault`. */
  readonly leaseMs?: Milliseconds;
  /** Default: `estimatedTokens`. */
  readonly estimateTokens?: TokenEstimate;
  /** Default: the real outbox. Test harnesses observe it, or break it. */
  readonly createOutbox?: (options: OutboxOptions) => Outbox;
};

export type LiveSystem = {
  readonly door: CommandDoor;
  readonly outbox: Outbox;
  readonly registry: SessionRegistry;
  readonly audit: AuditLog;
  /** How much owners may still store, files included. */
  readonly storedBytes: StoredBytes;
  /** The running actors, for inspectors. */
  readonly actors: LiveActors;
  readonly executionTrees: ExecutionTrees;
  /** For turns that begin from now on; one that runs keeps what it began with (SPEC [EDT16]). */
  readonly answerWith: (ports: Pick<LiveSystemPorts, 'engine' | 'tools'>, options: AnsweringOptions) => void;
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
  const { fairAdmission = admissionAtOnce } = ports;
  const causes = new CauseLedger();
  const settings = new KeptTurnSettings(turnSettings(ports, options));
  let { turnBounds, choices = everyChoice } = options;
  const actors = new LiveActors({
    roots: () => [...door.serverActors, ...traces.actors(), ...registry.actors()],
    clock,
    log,
  });
  const executionTrees = new ExecutionTrees({
    ...ports,
    running: (id) => registry.runningAgent(id),
    modelOf: (session) => {
      const { modelOptions, engine } = settings.current;
      return session.options?.model ?? modelOptions.model ?? engine.name;
    },
  });
  const publisher: Publisher = {
    ...ports.publisher,
    durable: (event, seq) => {
      conversations.committed(event);
      door.committed(event);
      actors.committed(event, seq);
      ports.publisher.durable(event, seq);
      executionTrees.committed(event);
    },
  };
  const conversations = new KeptConversations(readModel);
  const pushed = new PushedSources();
  const { createOutbox = (given) => new Outbox(given) } = options;
  const outbox = createOutbox({
    ...ports,
    publisher,
    causes,
    onReply: replies.settle,
    onCheckpoint: (event) => {
      if (event.type === 'turn.received') pushed.committed(event.data.turnId, event.data.received);
    },
    onRejected: (key, cause) => {
      log.error('The journal rejected events', { sessionId: key, cause });
      if (key === null) door.reset();
      else if (isTraceLane(key)) traces.reject(traceOfLane(key));
      else registry.reject(key, cause);
    },
    onSessionDeleted: (id) => traces.sessionDeleted(id),
  });
  const estimateTokens = options.estimateTokens ?? estimatedTokens;
  const requestPorts = {
    ...ports,
    outbox,
    conversations,
    estimateTokens,
    toldTools: new ToldTools(estimateTokens),
  };
  const createSessionActor = sessionActorFactory({
    ...requestPorts,
    causes,
    settings,
    fairAdmission,
    pushed,
  });
  const registry = new SessionRegistry({
    outbox,
    causes,
    replies,
    readModel,
    attached: new AttachedFiles({ ...ports, settings: () => settings.current }),
    clock,
    log,
    supervisor: new Supervisor(ports),
    settings: () => ({ agentId: settings.current.engine.name, turnBounds }),
    owners: ports.owners,
    ownerLimits: options.ownerLimits,
    left: (id) => conversations.end(id),
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
  const storedBytes = new StoredBytes({
    readModel,
    owners: ports.owners,
    storedByteLimit: options.storedByteLimit,
  });
  const door = liveCommandDoor({
    ...ports,
    engine: () => settings.current.engine,
    choices: () => choices,
    registry,
    fairAdmission,
    traces,
    outbox,
    replies,
    initialConfig,
    pushed,
    leaseMs: options.leaseMs ?? limits.leaseMsDefault,
    tokenLimit: options.tokenLimit,
    storedSessionLimit: options.storedSessionLimit,
    storedBytes,
    readContext: (turn, signal) => claimedContext({ ...requestPorts, ...settings.current }, turn, signal),
    initialTools: await readModel.registeredTools(),
    initialKeys: await readModel.storedKeys(),
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
    storedBytes,
    outbox,
    registry,
    audit: auditLog({ outbox, clock }),
    actors,
    executionTrees,
    answerWith: (given, changed) => {
      settings.replace(turnSettings(given, changed));
      ({ turnBounds, choices = everyChoice } = changed);
      registry.outdate();
    },
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
      pushed.rest();
      registry.interrupt(runEndReasons.serverStopping);
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

function turnSettings(
  { engine, tools }: Pick<LiveSystemPorts, 'engine' | 'tools'>,
  options: AnsweringOptions,
): TurnSettings {
  return {
    engine,
    tools,
    modelOptions: options.modelOptions ?? {},
    titleModel: options.titleModel,
    silenceMsMax: options.modelSilenceMsMax ?? limits.modelSilenceMsMax,
    callMsMax: options.modelMsMax ?? limits.modelMsMax,
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
