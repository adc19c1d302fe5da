/** Events of a journal as replays take them. */
import type { JournalToTell } from '../../../../actors/replay/history-pages.ts';
import type { JournaledEvent } from '../../../../schema/event-catalogue.ts';
import { isEventName } from '../../../../schema/event-table.ts';
import type { InspectedJournalEvent } from '../../../../schema/session-journal.ts';

/** Leaves out events of kinds that are not known. */
export function causedEvents(events: readonly InspectedJournalEvent[]): JournalToTell['events'] {
  return events.flatMap(({ seq, event, cause }) =>
    isJournaled(event) ? [{ seq, event, ...(cause === undefined ? {} : { cause }) }] : [],
  );
}

/** The server wrote it, in the form in which the journal keeps it. */
function isJournaled(event: object): event is JournaledEvent {
  const type: unknown = Reflect.get(event, 'type');
  return typeof type === 'string' && isEventName(type);
}
