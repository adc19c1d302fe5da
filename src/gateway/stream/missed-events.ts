/** The next chunk of what a connection missed, from the journal. */
import type { CommittedEvent, EventLog } from '../../../actors/ports.ts';
import { type SentEvent, sentEvent } from './hot-window.ts';
import type { Selection } from './subscriptions.ts';

export type MissedEvents = {
  /** In `seq` order, each once. */
  readonly events: readonly SentEvent[];
  /** Everything that was selected up to here is in `events`. */
  readonly until: number;
  /** The journal no longer reaches back that far. */
  readonly lost: boolean;
};

/**
 * Events after `after`, up to `until` at most. One page of `limit` per selection; where one is full, the others are cut to where
 * it ends, so that nothing is passed over. Rejects with `JournalUnavailable`.
 */
export async function missedEvents(
  eventLog: EventLog,
  selections: readonly Selection[],
  range: { readonly after: number; readonly until: number; readonly limit: number },
): Promise<MissedEvents> {
  const { limit } = range;
  const found = new Map<number, CommittedEvent>();
  let until = range.until;
  for (const { namespaces, sessionId } of selections) {
    const page = await eventLog.read({ after: range.after, limit, namespaces, sessionId });
    for (const committed of page) found.set(committed.seq, committed);
    if (page.length >= limit) until = Math.min(until, page.at(-1)?.seq ?? until);
  }
  // Asked last: what is there now was there while the pages were read.
  const { oldest } = await eventLog.range();
  const events = [...found.values()]
    .filter(({ seq }) => seq <= until)
    .sort((one, other) => one.seq - other.seq)
    .flatMap((committed) => sentEvent(committed) ?? []);
  return { events, until, lost: oldest > range.after + 1 };
}
