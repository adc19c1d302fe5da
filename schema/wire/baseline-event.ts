/** What of an event baseline sockets see: most of it as it is (docs/protocol.md A3). */
import type { DomainEvent, eventCatalogue } from '../event-catalogue.ts';
import type { EventName } from '../event-table.ts';
import { baselineToolEvent } from '../tool-event.ts';

/** Events that have a form of their own in the baseline: the compiler demands a case for each below. */
type DistinctName = {
  [Name in EventName]: (typeof eventCatalogue)[Name] extends { readonly baseline: unknown } ? Name : never;
}[EventName];

/** The data as the baseline knows it; `undefined`: it does not see the event at all (SPEC [APR8]). */
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
