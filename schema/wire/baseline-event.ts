/** Turns events into the data for baseline sockets; most are unchanged (docs/protocol.md A3). */
import type { DomainEvent, eventCatalogue } from '../event-catalogue.ts';
import type { EventName } from '../event-table.ts';
import { baselineToolEvent } from '../tool-event.ts';

/** Events whose data differs in the baseline: the compiler requires a case for each below. */
type DistinctName = {
  [Name in EventName]: (typeof eventCatalogue)[Name] extends { readonly baseline: unknown } ? Name : never;
}[EventName];

/** The data for baseline sockets; `undefined`: they do not get the event (SPEC [APR8]). */
export function baselineData(event: DomainEvent): unknown {
  switch (event.type) {
    case 'tool.call':
    case 'tool.result':
      return baselineToolEvent(event.type, event.data) ?? undefined;
    default:
      return sameData(event);
  }
}

function sameData(event: Exclude<DomainEvent, { type: DistinctName }>): unknown {
  return event.data;
}
