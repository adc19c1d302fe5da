/**
 * What of an event clients see: most of it as it was emitted. Previews are made here, when a frame is (docs/protocol.md
 * A3; I9).
 */
import { baselineMessage } from '../chat-message.ts';
import type { DomainEvent, DomainEventOf, eventCatalogue } from '../event-catalogue.ts';
import type { EventName } from '../event-table.ts';
import { baselineToolEvent, shownToolEvent, type ToolEvent } from '../tool-event.ts';

/** Events that clients see in another form than they are emitted in: the compiler demands a case for each below. */
type ReshapedName = {
  [Name in EventName]: (typeof eventCatalogue)[Name] extends
    | { readonly emitted: unknown }
    | { readonly baseline: unknown }
    ? Name
    : never;
}[EventName];

/** The data as `callboard.v1` shows it. */
export function shownData(event: DomainEvent, previewUnitsMax: number): unknown {
  switch (event.type) {
    case 'tool.call':
    case 'tool.result':
      return shownCall(event, previewUnitsMax);
    case 'message.updated':
      return event.data;
    default:
      return sameData(event);
  }
}

/** The data as the baseline knows it; `undefined`: it does not see the event at all (SPEC [APR8]). */
export function baselineData(event: DomainEvent, previewUnitsMax: number): unknown {
  switch (event.type) {
    case 'tool.call':
    case 'tool.result':
      return baselineToolEvent(event.type, shownCall(event, previewUnitsMax)) ?? undefined;
    case 'message.updated':
      return baselineMessage(event.data);
    default:
      return sameData(event);
  }
}

function shownCall(
  { data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>,
  previewUnitsMax: number,
): ToolEvent {
  return shownToolEvent(data, { arguments: record.argumentsJson, result: record.result }, previewUnitsMax);
}

function sameData(event: Exclude<DomainEvent, { type: ReshapedName }>): unknown {
  return event.data;
}
