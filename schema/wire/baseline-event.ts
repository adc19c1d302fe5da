/** What of an event baseline sockets see: most of it as it is (docs/protocol.md A3). */
import type { DomainEvent } from '../event-catalogue.ts';
import { baselineToolEvent } from '../tool-event.ts';

/** The data as the baseline knows it; `undefined`: it does not see the event at all (SPEC [APR8]). */
export function baselineData(event: DomainEvent): unknown {
  return event.type === 'tool.call' || event.type === 'tool.result'
    ? (baselineToolEvent(event.type, event.data) ?? undefined)
    : event.data;
}
