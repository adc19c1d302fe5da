/** Events that wait for the journal: how much they hold, how they are batched, and as what they are written. */
import { approximateBytes } from '../../schema/approximate-bytes.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import type { Cause } from '../causes/cause.ts';
import { storedCauses } from '../causes/stored-causes.ts';
import type { JournalEntry } from '../ports.ts';
import type { LaneEntry } from './lane.ts';

export type Pending = {
  readonly event: JournaledEvent;
  /** `null` for a checkpoint: nothing waits for its commit. */
  readonly entry: LaneEntry | null;
  /**
   * Events of one burst were emitted together and are written in one transaction, so that never half of a burst is
   * stored.
   */
  readonly burst: number;
  /** What led to it; `null`: what led to the event before it. */
  readonly causes: readonly Cause[] | null;
  /** As it is written: the journal must be offered the same object when it is offered again (SPEC [JRN7]). */
  written: JournalEntry | null;
  /** About what it holds. */
  readonly bytes: number;
  seq: number;
};

/** `pending` as the journal takes it: with what led to it, less what the events of its burst tell anyway. */
export function written(pending: Pending, index: number, batch: readonly Pending[]): JournalEntry {
  if (pending.written !== null) return pending.written;
  const { event, causes, burst } = pending;
  if (causes === null) {
    pending.written = event;
    return event;
  }
  const told = [event];
  for (let next = index + 1; batch[next]?.burst === burst; next++) {
    const other = batch[next]?.event;
    if (other?.sessionId === event.sessionId) told.push(other);
  }
  pending.written = { ...event, cause: storedCauses(causes, told) };
  return pending.written;
}

/** Counts the event, and the whole call that comes with tool events. */
export function heldBytes(event: JournaledEvent): number {
  return approximateBytes(event.data) + ('record' in event ? approximateBytes(event.record) : 0);
}

export function bytesOf(pending: readonly Pending[]): number {
  return pending.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How many events go into the next transaction: whole bursts, and not more than the limit unless a single burst is. */
export function batchLength(queue: readonly Pending[]): number {
  let length = Math.min(queue.length, limits.journalBatchEventsMax);
  const cutsThrough = (at: number) => queue[at] !== undefined && queue[at - 1]?.burst === queue[at]?.burst;
  while (length > 0 && cutsThrough(length)) length--;
  if (length > 0) return length;
  length = 1;
  while (cutsThrough(length)) length++;
  return length;
}
