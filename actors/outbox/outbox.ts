/**
 * Outbox: takes everything that actors emit. It writes durable events to the journal in groups, publishes them after
 * their commit, and keeps the emissions of one session in order (I1, I2).
 *
 * Group commit: events emitted while one batch is being written go into the next, so the number of transactions
 * adapts to the load. A batch that could not be written is retried until it is written: none of it was acknowledged,
 * and none of it is dropped (SPEC [JRN]).
 */

import { approximateBytes } from '../../schema/approximate-bytes.ts';
import type { CommandReply } from '../../schema/commands.ts';
import { type DomainEvent, isVolatile, type JournaledEvent } from '../../schema/event-catalogue.ts';
import { eventTable } from '../../schema/event-table.ts';
import type { CommandId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { refusal } from '../../schema/refusal.ts';
import type { Emission, TextPiece } from '../../schema/text-piece.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import { type Clock, type Journal, JournalRejected, type Log, type Publisher } from '../ports.ts';
import { Lane, type LaneEntry } from './lane.ts';
import { type LaneKey, laneOf } from './lane-key.ts';
import { batchLength, bytesOf, heldBytes, type Pending, written } from './pending-event.ts';

export type OutboxOptions = {
  readonly journal: Journal;
  readonly publisher: Publisher;
  /** What led to each event, to be journaled with it. */
  readonly causes: CauseLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with each reply when everything before it is durable and published. Must not throw. */
  readonly onReply: (reply: CommandReply) => void;
  /** Called with each checkpoint once it is written. Must not throw. */
  readonly onCheckpoint?: ((event: JournaledEvent) => void) | undefined;
  /**
   * Called when the journal will never take events of this lane: their actor has state that is not stored, and must
   * go.
   */
  readonly onRejected: (key: LaneKey, cause: unknown) => void;
  /** Called when a session's deletion was taken, before it is committed: nothing of the session may follow (I7). */
  readonly onSessionDeleted?: (id: SessionId) => void;
};

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<LaneKey, Lane>();
  #queue: Pending[] = [];
  /** Of all that is in the queue. */
  #queueBytes = 0;
  #writing = false;
  #scheduled = false;
  #cancelGathering: (() => void) | undefined;
  #available = true;
  #idleWaiters: (() => void)[] = [];
  #burst = 0;
  #inBurst = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** False from the first append that failed until one succeeds. */
  get available(): boolean {
    return this.#available;
  }

  /** How many events wait for the journal, including those being written. */
  get backlog(): number {
    return this.#queue.length;
  }

  /** True when the journal is so far behind that no command should be taken. */
  get isFull(): boolean {
    return (
      this.#queue.length >= limits.journalQueueEventsMax || this.#queueBytes >= limits.journalQueueBytesMax
    );
  }

  /** True when a stream should pause: its lane is full, or the journal is slow or not available. */
  isCongested(key: LaneKey): boolean {
    if (!this.#available || this.isFull) return true;
    const lane = this.#lanes.get(key);
    return lane !== undefined && (lane.length >= limits.laneEventsMax || lane.bytes >= limits.laneBytesMax);
  }

  /** Takes an emission. Never throws, because it is called from inside transitions. */
  readonly accept = (emission: Emission): void => {
    switch (emission.type) {
      case 'message.delta':
      case 'reasoning.delta':
        this.#acceptPiece(emission);
        return;
      case 'command.refused':
        this.#options.causes.refused(emission.sessionId, emission.commandId);
        this.#acceptReply(emission);
        return;
      case 'command.accepted':
        this.#acceptReply(emission);
        return;
      default:
        this.#acceptEvent(emission);
    }
  };

  /** Resolves when everything that was accepted for this lane so far is durable and published. */
  settled(key: LaneKey): Promise<void> {
    return new Promise((resolve) => this.#pass(key, resolve));
  }

  /** Resolves when the journal has everything that was accepted so far, checkpoints included. */
  async flushed(): Promise<void> {
    this.#writeSoon();
    while (this.#queue.length > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /**
   * Handles a piece of text. Every piece of every answer takes this path, so the usual case, an empty lane, makes no
   * closure.
   */
  #acceptPiece(piece: TextPiece): void {
    const { publisher } = this.#options;
    const lane = this.#lanes.get(piece.sessionId);
    if (lane === undefined) publisher.stream(piece);
    else {
      const bytes = approximateBytes(piece.text);
      lane.push({ ready: true, bytes, deliver: () => publisher.stream(piece), continues: true });
    }
  }

  #acceptReply(reply: CommandReply): void {
    this.#pass(laneOf(reply), () => this.#options.onReply(reply));
  }

  #acceptEvent(event: DomainEvent): void {
    if (isVolatile(event)) {
      this.#pass(event.sessionId, () => this.#options.publisher.volatile(event), event.data);
      return;
    }
    const { delivery } = eventTable[event.type];
    switch (delivery) {
      case 'checkpoint':
        this.#enqueue(this.#pendingOf(event, null));
        return;
      case 'durable':
      case 'journal': {
        const entry: LaneEntry = {
          ready: false,
          bytes: 0,
          deliver: () => this.#options.publisher.durable(event, pending.seq),
        };
        const pending = this.#pendingOf(event, entry);
        this.#laneOf(laneOf(event)).push(entry);
        if (event.type === 'session.deleted') this.#options.onSessionDeleted?.(event.data.id);
        this.#enqueue(pending);
        return;
      }
      default:
        unreachable(delivery);
    }
  }

  #pendingOf(event: JournaledEvent, entry: LaneEntry | null): Pending {
    const causes = event.lane === undefined ? this.#options.causes.take(event.sessionId) : null;
    const burst = this.#currentBurst();
    return { event, entry, burst, bytes: heldBytes(event), causes, written: null, seq: 0 };
  }

  /** `held`: what waits with it, if it must. */
  #pass(key: LaneKey, deliver: () => void, held?: unknown): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) deliver();
    else lane.push({ ready: true, bytes: approximateBytes(held), deliver });
  }

  #laneOf(key: LaneKey): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /**
   * The present burst's number. Actors run to completion synchronously, so a burst is everything emitted before the
   * next microtask.
   */
  #currentBurst(): number {
    if (!this.#inBurst) {
      this.#inBurst = true;
      this.#burst++;
      queueMicrotask(() => {
        this.#inBurst = false;
      });
    }
    return this.#burst;
  }

  #enqueue(pending: Pending): void {
    this.#queue.push(pending);
    this.#queueBytes += pending.bytes;
    if (this.#writing) return;
    if (pending.entry !== null) this.#writeSoon();
    else this.#gather();
  }

  /**
   * Delays a batch of checkpoints only, so that others can join it. With 1,000 streaming answers that makes 20
   * transactions a second instead of hundreds (docs/hot-path.md).
   */
  #gather(): void {
    if (this.#queue.length >= limits.journalBatchEventsMax) {
      this.#writeSoon();
      return;
    }
    this.#cancelGathering ??= this.#options.clock.after(limits.checkpointGatherMs, () => {
      this.#cancelGathering = undefined;
      this.#writeSoon();
    });
  }

  #writeSoon(): void {
    if (this.#writing || this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    this.#options.clock.soon(() => {
      this.#scheduled = false;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#queue.length === 0) return;
    this.#writing = true;
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
    let failures = 0;
    do {
      const batch = this.#queue.slice(0, batchLength(this.#queue));
      if (await this.#tryBatch(batch)) {
        failures = 0;
        this.#queueBytes -= bytesOf(this.#queue.splice(0, batch.length));
        this.#publish(batch);
      } else {
        await this.#pause(++failures);
      }
    } while (this.#queue.length > 0 && (failures > 0 || this.#isUrgent()));
    this.#writing = false;
    if (this.#queue.length > 0) this.#gather();
    else for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** True when a waiting event blocks others, or when there are enough events for a transaction. */
  #isUrgent(): boolean {
    return (
      this.#idleWaiters.length > 0 ||
      this.#queue.length >= limits.journalBatchEventsMax ||
      this.#queue.some(({ entry }) => entry !== null)
    );
  }

  /** Returns true when the batch is settled: written, or rejected for good and given up. */
  async #tryBatch(batch: readonly Pending[]): Promise<boolean> {
    try {
      await this.#append(batch);
    } catch (cause) {
      if (cause instanceof JournalRejected) {
        // The journal is available. Set it here: after this batch is given up, nothing may be left to write that
        // would show it.
        this.#setAvailable(true);
        return this.#isolate(batch, cause);
      }
      this.#setAvailable(false, cause);
      return false;
    }
    this.#setAvailable(true);
    return true;
  }

  async #append(batch: readonly Pending[]): Promise<void> {
    const seqs = await this.#options.journal.append(batch.map(written));
    for (const [index, pending] of batch.entries()) pending.seq = seqs[index] ?? 0;
  }

  /**
   * One lane's events made the journal reject the batch: writes those of the other lanes, and gives up the culprit's.
   */
  async #isolate(batch: readonly Pending[], cause: unknown): Promise<boolean> {
    const lanes = Map.groupBy(batch, ({ event }) => laneOf(event));
    if (lanes.size === 1) {
      for (const key of lanes.keys()) this.#giveUp(key, batch, cause);
      return true;
    }
    for (const part of lanes.values()) {
      const todo = part.filter((pending) => pending.seq === 0);
      for (let failures = 0; todo.length > 0 && !(await this.#tryBatch(todo)); )
        await this.#pause(++failures);
    }
    return true;
  }

  /** Drops every waiting event of this lane: events that follow a lost one must not be written either. */
  #giveUp(key: LaneKey, batch: readonly Pending[], cause: unknown): void {
    this.#options.onRejected(key, cause);
    const lost = this.#queue.filter(({ event }) => laneOf(event) === key);
    for (const { event } of lost) {
      if (event.commandId !== undefined) this.#options.onReply(notStored(event.commandId));
    }
    const forgotten = lost.filter((pending) => !batch.includes(pending));
    this.#queueBytes -= bytesOf(forgotten);
    this.#queue = this.#queue.filter((pending) => !forgotten.includes(pending));
    this.#lanes.get(key)?.giveUp();
    this.#drain(key);
  }

  /** Publishes in `seq` order over all lanes, so that a subscriber of several sessions sees `seq` increase. */
  #publish(batch: readonly Pending[]): void {
    for (const pending of batch.toSorted((one, other) => one.seq - other.seq)) {
      if (pending.entry === null) {
        this.#options.onCheckpoint?.(pending.event);
        continue;
      }
      pending.entry.ready = true;
      this.#drain(laneOf(pending.event));
    }
  }

  #drain(key: LaneKey): void {
    const lane = this.#lanes.get(key);
    lane?.drain();
    if (lane?.length === 0) this.#lanes.delete(key);
  }

  #setAvailable(available: boolean, cause?: unknown): void {
    if (available === this.#available) return;
    this.#available = available;
    if (available) this.#options.log.info('Journal is back');
    else this.#options.log.error('Journal is unavailable; commands are refused until it is back', { cause });
  }

  #pause(failures: number): Promise<void> {
    const delay = Math.min(limits.journalRetryMsMax, limits.journalRetryMs * 2 ** (failures - 1));
    return new Promise((resolve) => this.#options.clock.after(delay, resolve));
  }
}

/** Sent before the acceptance that waits behind the lost event; the first answer counts. */
function notStored(commandId: CommandId): CommandReply {
  const reason = refusal('internal', 'The command could not be stored');
  return { type: 'command.refused', sessionId: null, commandId, refusal: reason };
}
