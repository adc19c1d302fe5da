/**
 * The simulated world: storage that lasts, processes that come and go, clients, a model and tools. It does nothing by
 * itself: a scenario moves it, step by step, and each invariant checks what happened after every step.
 */
import type { CommandDoor } from '../../actors/door/command-door.ts';
import type { Ids } from '../../actors/ports.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionId } from '../../schema/ids.ts';
import { local } from '../../schema/principal.ts';
import type { Outcome, Refusal } from '../../schema/refusal.ts';
import type { Selection } from '../../src/gateway/stream/subscriptions.ts';
import type { Fact } from './facts.ts';
import { History } from './history.ts';
import type { Invariant, Watch } from './invariant.ts';
import { newOrder, type Order, type OrderKind } from './orders.ts';
import { OutsideAgents } from './outside-agents.ts';
import type { Parts } from './parts.ts';
import { principals, whoMay } from './principals.ts';
import { Reader, type ReaderKind } from './reader.ts';
import { SimulatedProcess, sessionsLiveMax } from './simulated-process.ts';
import { SimulatedStorage } from './simulated-storage.ts';
import { chosen } from './step-kinds.ts';
import { Tally } from './tally.ts';
import type { Truth } from './truth.ts';

export type WorldSetup = {
  readonly invariants: readonly Invariant[];
  readonly parts?: Parts;
  readonly flushIntervalMs: number;
  /** Whether the server asks for credentials; default: everybody is `local`. */
  readonly guarded?: boolean | undefined;
  /** Called with a description of each thing that happens; absent: none is made. */
  readonly narrate?: ((line: string) => void) | undefined;
};

export type NewReader = {
  readonly who: number;
  readonly kind: ReaderKind;
  readonly selection: Selection;
  readonly native: boolean;
  readonly compact: boolean;
};

const epochMs = Date.UTC(2026, 10, 23);

export class World {
  readonly storage: SimulatedStorage;
  readonly readers: Reader[] = [];
  readonly orders: Order[] = [];
  readonly sessions: SessionId[] = [];
  /** Sessions that failed so often that only a command wakes them. */
  readonly asleep = new Set<SessionId>();
  readonly tally = new Tally();
  readonly agents = new OutsideAgents({
    serving: () => this.serving,
    contentOf: ({ sessionId, answerId }) => {
      const message = this.storage.tables.message(sessionId, answerId);
      return { content: message?.content ?? '', isThere: message !== undefined };
    },
    count: (what) => this.tally.count(what),
  });
  process: SimulatedProcess | undefined;
  #now = epochMs;
  readonly #setup: WorldSetup;
  readonly #history = new History();
  readonly #watches: readonly Watch[];
  #facts: Fact[] = [];
  #ids = 0;

  constructor(setup: WorldSetup) {
    this.#setup = setup;
    this.storage = new SimulatedStorage(this.#tell);
    const truth: Truth = {
      tables: this.storage.tables,
      readers: this.readers,
      isGuarded: setup.guarded ?? false,
      sizes: () => this.#sizes(),
    };
    this.#watches = setup.invariants.map((invariant) => invariant.watch(this.#history, truth));
  }

  readonly #tell = (fact: Fact): void => {
    this.#facts.push(fact);
  };

  narrate(line: () => string): void {
    this.#setup.narrate?.(line());
  }

  /** Makes one move, does everything that follows from it at once, and checks every invariant. */
  async step(move: () => unknown): Promise<void> {
    this.tally.count('steps');
    await move();
    // The turn of the event loop ends when no promise is left to continue.
    await new Promise((resolve) => setImmediate(resolve));
    this.#judge();
  }

  /** Called when nothing moves any more. */
  rest(): void {
    for (const watch of this.#watches) watch.rest?.();
  }

  start(): void {
    if (this.process !== undefined && this.process.phase !== 'ended') return;
    this.#leave();
    this.process = new SimulatedProcess({
      storage: this.storage.connect(),
      startsAt: this.#now,
      ids: this.#countingIds,
      flushIntervalMs: this.#setup.flushIntervalMs,
      parts: this.#setup.parts ?? {},
      guarded: this.guarded,
      tell: this.#tell,
    });
  }

  /** Kills the process, before or after the waiting append is committed. */
  async crash(commitsFirst: boolean): Promise<void> {
    if (this.process === undefined) return;
    if (commitsFirst) await this.storage.decide('commitUntold');
    this.#leave();
    this.process = undefined;
  }

  #leave(): void {
    if (this.process === undefined) return;
    // It takes a while until another process runs.
    this.#now = this.process.clock.elapsed + 100;
    this.process.die();
    this.storage.disconnect();
    for (const order of this.orders) if (order.state === 'waiting') order.state = 'lost';
  }

  /** The newest `seq` that clients can see. */
  get newestSeq(): number {
    return this.#history.wire.at(-1)?.seq ?? 0;
  }

  /** Whether the server asks for credentials. */
  get guarded(): boolean {
    return this.#setup.guarded ?? false;
  }

  get serving(): SimulatedProcess | undefined {
    return this.process?.phase === 'serving' ? this.process : undefined;
  }

  /** `who`: selects the principal, in a guarded world. */
  addReader({ who, ...given }: NewReader): Reader {
    const principal = (this.guarded ? chosen(principals, who) : undefined) ?? local;
    const reader = new Reader({ ...given, number: this.readers.length + 1, principal });
    this.readers.push(reader);
    this.connect(reader);
    return reader;
  }

  connect(reader: Reader): void {
    const { serving } = this;
    if (serving === undefined || reader.connected) return;
    serving.connect(reader, this.#doorOf(serving, reader));
  }

  /** A new order; in a guarded world without `by`, of somebody who may give it. */
  order(
    kind: OrderKind,
    given: Partial<Pick<Order, 'session' | 'named' | 'usedId' | 'promptId' | 'messageId' | 'callId' | 'by'>>,
  ): Order {
    const number = this.orders.length + 1;
    const order = newOrder({
      number,
      by: given.by ?? (this.guarded ? whoMay({ number, kind }, this.#ownerOf(given.session)) : undefined),
      kind,
      session: given.session ?? null,
      named: given.named ?? false,
      usedId: given.usedId,
      promptId: given.promptId,
      messageId: given.messageId,
      callId: given.callId,
    });
    if (given.usedId !== undefined) this.tally.count('message ids used in another session');
    this.orders.push(order);
    return order;
  }

  /** Handles the system's answer to a command, on REST or a socket. */
  answered(order: Order, outcome: Outcome<unknown>): void {
    this.#tell({ kind: 'answered', order, outcome });
    if (order.state === 'answered') return;
    order.state = 'answered';
    order.outcome = outcome;
    if (order.kind === 'create' && outcome.ok) {
      const { id } = outcome.value as { readonly id: SessionId };
      if (!this.sessions.includes(id)) this.sessions.push(id);
    }
  }

  /** Handles a refusal over REST before the command reached the door. */
  denied(order: Order, reason: Refusal): void {
    this.#tell({ kind: 'denied', order, refusal: reason });
    order.state = 'answered';
  }

  #ownerOf(session: SessionId | null | undefined): SessionOwner | undefined {
    return session == null ? undefined : this.storage.tables.owners.access(session, true);
  }

  taken(order: Order, connection: number | undefined): void {
    this.#tell({ kind: 'taken', order, connection });
  }

  /** The door for one reader's socket, so that its commands are known. */
  #doorOf(process: SimulatedProcess, reader: Reader): CommandDoor {
    const door = process.door;
    if (door === undefined) throw new Error('a process that serves has a door');
    const connection = reader.number * 1000 + reader.connection;
    const orderOf = (text: string) => this.orders.find(({ number }) => text.endsWith(` ${number}`));
    return {
      ...door,
      addMessage: async (session, body, named) => {
        const order = orderOf(body.content ?? '');
        if (order !== undefined) this.taken(order, connection);
        const outcome = await door.addMessage(session, body, named);
        if (order !== undefined && process === this.process) this.answered(order, outcome);
        return outcome;
      },
    };
  }

  readonly #countingIds: Ids = {
    next: <Id extends string>(): Id => {
      const id: string = `00000000-0000-4000-8000-${(++this.#ids).toString(16).padStart(12, '0')}`;
      return id as Id;
    },
  };

  #sizes() {
    const { process } = this;
    if (process?.system === undefined) return undefined;
    return {
      sessionsLive: process.system.registry.size,
      sessionsLiveMax,
      backlog: process.system.outbox.backlog,
      timers: process.clock.timers,
      connections: process.connections,
    };
  }

  #noteAsleep(fact: Fact): void {
    if (fact.kind === 'started') this.asleep.clear();
    if (fact.kind !== 'complained' || !fact.message.includes('sleeps until its next command')) return;
    const { sessionId } = fact.context as { readonly sessionId: SessionId };
    this.asleep.add(sessionId);
  }

  /** A frame may be refused before the door hears of it. */
  #noteRefused(fact: Fact): void {
    if (fact.kind !== 'received' || fact.frame.event !== 'exception') return;
    const order = this.orders.find(({ number }) => number === fact.frame.data['id']);
    if (order?.state === 'waiting' && order.via === fact.reader.socket) order.state = 'answered';
  }

  #judge(): void {
    this.process?.watchConnections();
    const facts = this.#facts;
    this.#facts = [];
    for (const fact of facts) {
      this.#noteAsleep(fact);
      this.#noteRefused(fact);
      this.#history.note(fact);
      this.tally.hear(fact);
      for (const watch of this.#watches) watch.hear?.(fact);
    }
    for (const watch of this.#watches) watch.look?.();
  }
}
