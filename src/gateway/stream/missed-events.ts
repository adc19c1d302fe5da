/** Reads from the journal the next chunk of events that a connection missed. */
import type { CommittedEvent, EventLog } from '../../../actors/ports.ts';
import { type SentEvent, sentEvent } from './hot-window.ts';
import type { Selection } from './subscriptions.ts';

export type MissedEvents = {
  /** In `seq` order, each once. */
  readonly events: readonly SentEvent[];
  /** `events` contains every selected event up to this `seq`. */
  readonly until: number;
  /** True when the journal no longer reaches back that far. */
  readonly lost: boolean;
};

/**
 * Events after `after`, up to `until` at most. Reads one page of `limit` per selection. Where a page is full, the
 * others are cut to where it ends, so that no event is skipped. Rejects with `JournalUnavailable`.
 */
export async function missedEvents(
  eventLog: EventLog,
  selections: readonly Selection[],
  range: {
    readonly after: number;
    readonly until: number;
    readonly limit: number;
    readonly previewUnitsMax: number;
  },
): Promise<MissedEvents> {
  const { limit } = range;
  const found = new Map<number, CommittedEvent>();
  let until = range.until;
  for (const { namespaces, sessionId } of selections) {
    const page = await eventLog.read({ after: range.after, limit, namespaces, sessionId });
    for (const committed of page) found.set(committed.seq, committed);
    if (page.length >= limit) until = Math.min(until, page.at(-1)?.seq ?? until);
  }
  // Asked last: an event that is still there now was there while the pages were read.
  const { oldest } = await eventLog.range();
  const events = [...found.values()]
    .filter(({ seq }) => seq <= until)
    .sort((one, other) => one.seq - other.seq)
    .flatMap((committed) => sentEvent(committed, range.previewUnitsMax) ?? []);
  return { events, until, lost: oldest > range.after + 1 };
}
