/**
 * Storage that outlives the simulated processes. An append waits until the world decides its fate: it is committed,
 * fails, is committed without an answer, or is rejected for good. Reads are answered at once, or held until the world
 * answers them.
 */
import { type LaneKey, laneOf } from '../../actors/outbox/lane-key.ts';
import {
  type EventLog,
  type Journal,
  type JournalEntry,
  JournalRejected,
  JournalUnavailable,
  type ReadModel,
} from '../../actors/ports.ts';
import { type MemoryStorage, memoryStorage } from '../fakes/memory-storage.ts';
import type { Fact } from './facts.ts';

export type AppendFate = 'commit' | 'fail' | 'commitUntold' | 'reject';

type PendingAppend = {
  readonly batch: readonly JournalEntry[];
  readonly settle: (fate: AppendFate) => Promise<void>;
};

export type StoragePorts = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly eventLog: EventLog;
};

export class SimulatedStorage {
  readonly #store: MemoryStorage = memoryStorage();
  readonly #tell: (fact: Fact) => void;
  #append: PendingAppend | undefined;
  #reads: (() => void)[] = [];
  /** By the entry objects themselves: a batch that was written without an answer is not written twice ([JRN7]). */
  readonly #seqs = new Map<JournalEntry, number>();
  /** Counts connections: requests of an earlier process are never answered. */
  #life = 0;
  /** Refuses everything. */
  down = false;
  holdsReads = false;
  /** The fates of the next appends, before any is committed. */
  foreseen: AppendFate[] = [];

  constructor(tell: (fact: Fact) => void) {
    this.#tell = tell;
  }

  get epoch() {
    return this.#store.eventLog.epoch;
  }

  get tables() {
    return this.#store.tables;
  }

  /** The batch that waits for its fate. */
  get appending(): readonly JournalEntry[] | undefined {
    return this.#append?.batch;
  }

  get readsHeld(): number {
    return this.#reads.length;
  }

  /** The ports of one process; those of the previous process stop working. */
  connect(): StoragePorts {
    const life = ++this.#life;
    this.#append = undefined;
    this.#reads = [];
    const { readModel, eventLog } = this.#store;
    const held = <Value>(read: () => Promise<Value>): Promise<Value> => this.#read(life, read);
    return {
      journal: { append: (batch) => this.#appended(life, batch) },
      readModel: {
        sessions: (...query) => held(() => readModel.sessions(...query)),
        findSessions: (query) => held(() => readModel.findSessions(query)),
        session: (id) => held(() => readModel.session(id)),
        storedSession: (id) => held(() => readModel.storedSession(id)),
        sessionAccess: (id) => held(() => readModel.sessionAccess(id)),
        storedBytes: (owner) => held(() => readModel.storedBytes(owner)),
        storedSessions: (...query) => held(() => readModel.storedSessions(...query)),
        tokensSpent: (...query) => held(() => readModel.tokensSpent(...query)),
        participants: (session) => held(() => readModel.participants(session)),
        messages: (...query) => held(() => readModel.messages(...query)),
        messageSizes: (...query) => held(() => readModel.messageSizes(...query)),
        messagesOf: (...query) => held(() => readModel.messagesOf(...query)),
        isDeletedMessage: (...query) => held(() => readModel.isDeletedMessage(...query)),
        place: (...query) => held(() => readModel.place(...query)),
        copyOf: (...query) => held(() => readModel.copyOf(...query)),
        transcripts: readModel.transcripts,
        conversation: (query) => held(() => readModel.conversation(query)),
        message: (...query) => held(() => readModel.message(...query)),
        traces: (...query) => held(() => readModel.traces(...query)),
        spans: (trace, page) => held(() => readModel.spans(trace, page)),
        spansWith: (trace, ids) => held(() => readModel.spansWith(trace, ids)),
        spanCount: (trace) => held(() => readModel.spanCount(trace)),
        endedTraces: (query) => held(() => readModel.endedTraces(query)),
        traceAccess: (id) => held(() => readModel.traceAccess(id)),
        trace: (id) => held(() => readModel.trace(id)),
        sessionRuns: (...query) => held(() => readModel.sessionRuns(...query)),
        toolCalls: (turn) => held(() => readModel.toolCalls(turn)),
        toolCall: (id) => held(() => readModel.toolCall(id)),
        sessionToolCalls: (...query) => held(() => readModel.sessionToolCalls(...query)),
        historySize: (session) => held(() => readModel.historySize(session)),
        toolCallsWith: (...query) => held(() => readModel.toolCallsWith(...query)),
        sessionWork: (ids) => held(() => readModel.sessionWork(ids)),
        turnSteps: (turn) => held(() => readModel.turnSteps(turn)),
        turn: (id) => held(() => readModel.turn(id)),
        turnsWith: (...query) => held(() => readModel.turnsWith(...query)),
        layout: (owner) => held(() => readModel.layout(owner)),
        sessionsWithOpenTurns: () => held(() => readModel.sessionsWithOpenTurns()),
        configHistory: (page) => held(() => readModel.configHistory(page)),
        runtimeConfig: () => held(() => readModel.runtimeConfig()),
        registeredTools: () => held(() => readModel.registeredTools()),
        audit: (page) => held(() => readModel.audit(page)),
        storedKeys: () => held(() => readModel.storedKeys()),
        completedCommand: (key) => held(() => readModel.completedCommand(key)),
      },
      eventLog: {
        epoch: eventLog.epoch,
        ofSession: (...query) => held(() => eventLog.ofSession(...query)),
        range: () => held(() => eventLog.range()),
        read: (query) => held(() => eventLog.read(query)),
      },
    };
  }

  disconnect(): void {
    this.connect();
  }

  /** Decides the fate of the waiting append; false if there is none. */
  async decide(fate: AppendFate): Promise<boolean> {
    const append = this.#append;
    if (append === undefined) return false;
    this.#append = undefined;
    await append.settle(fate);
    return true;
  }

  /** Answers the read that has waited longest; false if there is none. */
  answerRead(): boolean {
    const read = this.#reads.shift();
    read?.();
    return read !== undefined;
  }

  releaseReads(): void {
    this.holdsReads = false;
    while (this.answerRead());
  }

  /** A round of retention: deletes what the previous round took out of the range, and takes out everything present. */
  async forgetAll(): Promise<void> {
    await this.#store.retention.sweep();
    await this.#store.retention.forget(Number.POSITIVE_INFINITY);
  }

  /** The lanes whose waiting events a rejection gives up: the outbox tries a batch of several lanes lane by lane. */
  static lanesOf(batch: readonly JournalEntry[]): ReadonlySet<LaneKey> {
    return new Set(batch.map(laneOf));
  }

  #appended(life: number, batch: readonly JournalEntry[]): Promise<readonly number[]> {
    if (this.down) return Promise.reject(new JournalUnavailable('the simulation says so'));
    return new Promise((resolve, reject) => {
      const settle = async (fate: AppendFate): Promise<void> => {
        if (fate === 'fail') return reject(new JournalUnavailable('the simulation lets the append fail'));
        if (fate === 'reject' && batch.every((entry) => !this.#seqs.has(entry))) {
          const [lane = null, ...others] = SimulatedStorage.lanesOf(batch);
          if (others.length === 0) this.#tell({ kind: 'rejected', lane });
          return reject(new JournalRejected('the simulation rejects the batch'));
        }
        const seqs = await this.#commit(batch);
        if (life !== this.#life) return;
        if (fate === 'commitUntold') reject(new JournalUnavailable('the simulation loses the answer'));
        else resolve(seqs);
      };
      if (life === this.#life) this.#append = { batch, settle };
    });
  }

  async #commit(batch: readonly JournalEntry[]): Promise<readonly number[]> {
    const fresh = batch.filter((entry) => !this.#seqs.has(entry));
    const seqs = fresh.length === 0 ? [] : await this.#store.journal.append(fresh);
    for (const [index, event] of fresh.entries()) {
      const seq = seqs[index] ?? 0;
      this.#seqs.set(event, seq);
      this.#tell({ kind: 'committed', event, seq });
    }
    return batch.map((entry) => this.#seqs.get(entry) ?? 0);
  }

  #read<Value>(life: number, read: () => Promise<Value>): Promise<Value> {
    const answer = (): Promise<Value> =>
      this.down ? Promise.reject(new JournalUnavailable('the simulation says so')) : read();
    if (!this.holdsReads) return life === this.#life ? answer() : new Promise(() => {});
    return new Promise((resolve, reject) => {
      if (life === this.#life) this.#reads.push(() => answer().then(resolve, reject));
    });
  }
}
