/**
 * One process: the real actors, outbox, registry, recovery, stream hub and conversations over simulated ports. It
 * starts from what is stored, and loses its memory when it dies.
 */

import type { CommandDoor } from '../../actors/door/command-door.ts';
import { type LiveSystem, startLiveSystem } from '../../actors/live-system.ts';
import { Outbox } from '../../actors/outbox/outbox.ts';
import type { Ids, Log, LogLine, Publisher } from '../../actors/ports.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { defaultMessageBounds } from '../../schema/message-bounds.ts';
import { assert } from '../../schema/unreachable.ts';
import { closeCodes } from '../../schema/wire/close-codes.ts';
import { cursorOf } from '../../schema/wire/cursor.ts';
import { type Authorize, authorizeBy } from '../../src/gateway/access/authorize.ts';
import { SessionAccesses } from '../../src/gateway/access/session-accesses.ts';
import { asLocal, localAuthentication } from '../../src/gateway/authentication/authenticator.ts';
import { CallboardV1Conversation } from '../../src/gateway/sockets/callboard-v1-conversation.ts';
import { type FrameSource, takeClientFrame } from '../../src/gateway/sockets/client-frame-intake.ts';
import type { StreamBounds } from '../../src/gateway/stream/stream-bounds.ts';
import type { StreamConnection } from '../../src/gateway/stream/stream-connection.ts';
import { createStreamHub, type StreamHub } from '../../src/gateway/stream/stream-hub.ts';
import { exampleInspection } from '../fakes/example-inspection.ts';
import { testLeases } from '../fakes/leases.ts';
import { memorySessionFiles } from '../fakes/session-files.ts';
import type { Fact } from './facts.ts';
import type { Parts } from './parts.ts';
import type { Reader } from './reader.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SimulatedModel } from './simulated-model.ts';
import { SimulatedNetwork, SimulatedSocket } from './simulated-socket.ts';
import type { StoragePorts } from './simulated-storage.ts';
import { SimulatedTools } from './simulated-tools.ts';

/** So small that every bound is reached often. */
export const smallBounds = {
  socketBudgetBytes: 1500,
  topicSlackBytes: 300,
  stallMsMax: 2000,
  hotWindowEventsMax: 8,
  catchUpChunkEvents: 4,
  catchUpScanEvents: 8,
  catchUpTickEvents: 30,
  catchUpReadsMax: 2,
} as const satisfies Partial<StreamBounds>;

/** So small that turns reach them. */
const smallTurnBounds = { stepsMax: 4, tokensMax: 60, msMax: 60_000, claimMs: 20_000 };

export const sessionsLiveMax = 2;
const heartbeatMs = 5000;

export type ProcessSetup = {
  readonly storage: StoragePorts;
  readonly startsAt: number;
  readonly ids: Ids;
  readonly flushIntervalMs: number;
  readonly parts: Parts;
  /** Whether it asks for credentials. */
  readonly guarded: boolean;
  readonly tell: (fact: Fact) => void;
};

export class SimulatedProcess {
  readonly clock: SimulatedClock;
  readonly network = new SimulatedNetwork();
  readonly model: SimulatedModel;
  readonly tools: SimulatedTools;
  readonly #setup: ProcessSetup;
  readonly #tell: (fact: Fact) => void;
  readonly #log: Log;
  #dead = false;
  #hub: StreamHub | undefined;
  system: LiveSystem | undefined;
  /** The door for clients: observed, and broken if a mutant says so. */
  door: CommandDoor | undefined;
  /** Judges commands as the gateway does. */
  authorize: Authorize = permitAll;
  phase: 'starting' | 'serving' | 'stopping' | 'ended' = 'starting';

  constructor(setup: ProcessSetup) {
    this.#setup = setup;
    this.#tell = (fact) => {
      // Emissions of a dead process are not facts.
      if (!this.#dead) setup.tell(fact);
    };
    this.clock = new SimulatedClock(setup.startsAt);
    this.model = new SimulatedModel(this.#tell);
    this.tools = new SimulatedTools(this.#tell);
    this.#log = watchedLog(this.#tell);
    this.#tell({ kind: 'started' });
    this.#start().catch(() => {
      // Storage was not available: the process gives up, and another is started.
      if (this.phase === 'starting') this.phase = 'ended';
    });
  }

  async #start(): Promise<void> {
    const { storage, ids, flushIntervalMs, parts, guarded } = this.#setup;
    const tell = this.#tell;
    const { clock } = this;
    const eventLog = parts.eventLog?.(storage.eventLog) ?? storage.eventLog;
    const readModel = parts.readModel?.(storage.readModel) ?? storage.readModel;
    const files = memorySessionFiles();
    const accesses =
      parts.accesses?.(readModel.sessionAccess) ?? new SessionAccesses(readModel.sessionAccess);
    if (guarded) {
      watchAccesses(accesses, tell);
      const authorize = authorizeBy(accesses, readModel, files);
      this.authorize = parts.authorize?.(authorize) ?? authorize;
    }
    const hub = createStreamHub({
      eventLog,
      newestSeq: (await eventLog.range()).newest,
      native: this.network.publish,
      accesses,
      isOpen: () => !guarded,
      clock,
      log: this.#log,
      flushMsMax: flushIntervalMs,
      // Alternates between busy and idle, so that the flush interval keeps changing; busy more often, so that pieces wait.
      busyShare: () => 0.4 + (0.6 * (clock.now() % 200)) / 200,
      heartbeatMs,
      bounds: smallBounds,
    });
    this.#hub = hub;
    const watched = watchedPublisher(hub.publisher, tell);
    const system = await startLiveSystem(
      {
        journal: parts.journal?.(storage.journal) ?? storage.journal,
        readModel,
        files,
        publisher: parts.publisher?.(watched) ?? watched,
        engine: this.model,
        tools: parts.tools?.(this.tools.box) ?? this.tools.box,
        registeredTools: this.tools.registered,
        clock,
        ids,
        log: this.#log,
        // Waits before a model call is retried are as long as possible.
        leases: testLeases,
        random: () => 0.999,
      },
      {
        sessionsLiveMax,
        turnBounds: smallTurnBounds,
        createOutbox: (options) => {
          const outbox = new Outbox(options);
          const accept = parts.accept?.(outbox) ?? outbox.accept;
          return Object.assign(outbox, {
            accept: (emission: Parameters<typeof accept>[0]) => {
              tell({ kind: 'emitted', emission });
              accept(emission);
            },
          });
        },
      },
    );
    this.system = system;
    if (parts.recovers ?? true) await system.recover();
    this.door = parts.door?.(system.door) ?? system.door;
    this.phase = 'serving';
  }

  /** Connects a reader, with its cursor if it has one. */
  connect(reader: Reader, door: CommandDoor): void {
    const hub = this.#hub;
    if (hub === undefined || this.phase !== 'serving') return;
    const { parts, storage, guarded } = this.#setup;
    const tell = this.#tell;
    const socket = new SimulatedSocket(this.network);
    const since =
      reader.kind === 'v1' && reader.cursor !== undefined
        ? cursorOf({ epoch: hub.eventLog.epoch, seq: reader.cursor })
        : undefined;
    reader.begin(socket);
    const sink = socket.sink(reader.native);
    const by = { ...asLocal, principal: reader.principal };
    const connection = hub.open(parts.sink?.(sink) ?? sink, reader.format, by);
    socket.onDrain = () => connection.drained();
    socket.onGone = () => connection.gone();
    socket.onFrame = (text) => {
      const frame = reader.read(text);
      reader.take(frame);
      tell({ kind: 'received', reader, frame, text });
    };
    if (guarded)
      socket.onGiven = (text) => tell({ kind: 'given', reader, frame: reader.readGiven(text), text });
    this.#connections.set(reader, connection);
    tell({ kind: 'connected', reader, at: hub.seq() });
    const { authorize } = this;
    const messageBounds = defaultMessageBounds;
    const clientLimits = { commandRefusal: () => null };
    if (reader.kind === 'baseline') {
      const [namespace = 'chat-sessions'] = reader.selection.namespaces;
      assert(namespace !== 'turns' && namespace !== 'audit', 'no baseline socket is opened on it');
      const source: FrameSource = {
        namespace,
        principal: reader.principal,
        judging: null,
        waiting: 0,
        send: (frame) => connection.send(frame),
      };
      socket.onUplink = (bytes) =>
        takeClientFrame(bytes, source, { door, authorize, clientLimits, messageBounds, log: this.#log });
      connection.subscribe(reader.selection, { snapshots: 'activities' });
      return;
    }
    const readModel = parts.readModel?.(storage.readModel) ?? storage.readModel;
    // Nothing is inspected in this world.
    const { inspectors } = exampleInspection(() => false);
    const services = {
      ...{ hub, door, readModel, authorize, clientLimits, messageBounds, inspectors, log: this.#log },
      authenticator: { judge: () => localAuthentication },
    };
    const conversation = new CallboardV1Conversation(connection, services, by);
    socket.onUplink = (bytes) => conversation.take(bytes);
    conversation.begin(reader.kind === 'v1' ? { selection: reader.selection, since } : undefined);
  }

  readonly #connections = new Map<Reader, StreamConnection>();

  /** Reports connections that are behind: they may get texts as snapshots. */
  watchConnections(): void {
    for (const [reader, connection] of this.#connections) {
      if (connection.phase !== 'live') this.#tell({ kind: 'fellBehind', reader });
      if (connection.phase === 'closed') this.#connections.delete(reader);
    }
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Readers that have not received everything that was published. */
  get readersBehind(): readonly Reader[] {
    return [...this.#connections].filter(([, { phase }]) => phase !== 'live').map(([reader]) => reader);
  }

  /** Ends a tick: reads clients' frames, runs queued work, and sends what was published. */
  tick(): boolean {
    let moved = !this.clock.idle;
    for (const socket of [...this.network.sockets]) {
      while (!socket.stalled && socket.hear()) moved = true;
    }
    this.clock.tick();
    for (const socket of this.network.sockets) moved ||= socket.bufferedBytes > 0 && !socket.stalled;
    this.network.tick();
    return moved;
  }

  /** Stops in order; afterwards `phase` is `ended`. */
  async stop(graceMs: number): Promise<void> {
    const { system } = this;
    if (system === undefined || this.phase !== 'serving') return;
    this.phase = 'stopping';
    await system.drain(graceMs);
    this.#hub?.flush();
    this.network.tick();
    for (const connection of this.#connections.values()) connection.end(closeCodes.serverShutdown);
    await system.stop();
    this.#hub?.stop();
    this.phase = 'ended';
  }

  /** `kill -9`. */
  die(): void {
    this.phase = 'ended';
    this.#dead = true;
    this.model.forgetAll();
    this.tools.forgetAll();
    for (const socket of [...this.network.sockets]) socket.cut();
    this.#connections.clear();
    this.clock.die();
    this.#setup.tell({ kind: 'died' });
  }
}

function watchedPublisher(publisher: Publisher, tell: (fact: Fact) => void): Publisher {
  return {
    durable: (event, seq) => {
      tell({ kind: 'published', event, seq });
      publisher.durable(event, seq);
    },
    volatile: publisher.volatile,
    stream: (event) => {
      tell({ kind: 'streamed', event });
      publisher.stream(event);
    },
  };
}

function watchedLog(tell: (fact: Fact) => void): Log {
  const ignore: LogLine = () => {};
  const debug: LogLine = (message) => tell({ kind: 'remarked', message });
  const error: LogLine = (message, context) => tell({ kind: 'complained', message, context });
  return { trace: ignore, debug, info: ignore, warn: ignore, error };
}

/** Tells which events count, in the order in which they begin to. */
function watchAccesses(accesses: SessionAccesses, tell: (fact: Fact) => void): void {
  const told = accesses.told.bind(accesses);
  Object.assign(accesses, {
    told: (event: JournaledEvent) => {
      tell({ kind: 'accessTold', event });
      told(event);
    },
  });
}

/** Everybody may do everything in an open world. */
const permitAll: Authorize = () => null;
