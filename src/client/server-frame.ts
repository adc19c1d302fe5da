/** The server's frames as the client library reads them, typed from the schema. */
import type { EventData } from '../../schema/event-catalogue.ts';
import type { SnapshotName } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Hello, Resync, TextDelta } from '../../schema/wire/callboard-v1-frame.ts';
import {
  type DeltaName,
  isTextEventName,
  isWireEventName,
  type TextEventName,
  type WireEventName,
  type WireNamespace,
  wireEventTable,
} from '../../schema/wire-event-table.ts';
import { fieldsOf } from './client-error.ts';

/** Events as they were emitted; `seq` is absent for volatile ones. Texts in flight are sent as {@link TextFrame}s. */
export type EventFrame = {
  [Name in WireEventName]: { readonly event: Name; readonly data: EventData<Name>; readonly seq?: number };
}[WireEventName];

/** State that is older than its receiver ([V1A5]). */
type SnapshotFrame = {
  [Name in SnapshotName]: { readonly event: Name; readonly data: EventData<Name>; readonly snapshot: true };
}[SnapshotName];

/** Text in flight ([V1A3]), and snapshots. */
export type TextFrame = { readonly event: DeltaName; readonly data: TextDelta } | SnapshotFrame;

export type ControlFrame =
  | { readonly event: 'hello'; readonly data: Hello }
  | { readonly event: 'resync'; readonly data: Resync }
  | { readonly event: 'heartbeat'; readonly data: { readonly seq: number } }
  | { readonly event: 'ack'; readonly id: number; readonly data: unknown }
  | { readonly event: 'exception'; readonly id: number | undefined; readonly data: unknown };

export type ServerFrame =
  | { readonly kind: 'event'; readonly frame: EventFrame }
  | { readonly kind: 'text'; readonly frame: TextFrame }
  | { readonly kind: 'control'; readonly frame: ControlFrame }
  /** An event that only a newer server knows. */
  | { readonly kind: 'unknown' };

const textOfDelta = {
  'message.delta': 'message.partial',
  'message.reasoning.delta': 'message.reasoning.partial',
} as const satisfies { readonly [Delta in DeltaName]: TextEventName };

const controlEvents = {
  hello: true,
  resync: true,
  heartbeat: true,
  ack: true,
  exception: true,
} satisfies Record<ControlFrame['event'], true>;

/** `undefined` when `text` is not a frame. Trusts the shape of the server's data; the order is checked elsewhere. */
export function parsedFrame(text: string): ServerFrame | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { event, data, seq, snapshot, id } = fieldsOf(given);
  if (typeof event !== 'string' || typeof data !== 'object') return undefined;
  if (Object.hasOwn(controlEvents, event)) {
    const frame = { event, data, id: typeof id === 'number' ? id : fieldsOf(data)['id'] };
    return { kind: 'control', frame: frame as ControlFrame };
  }
  if (data === null) return undefined;
  const isDelta = isDeltaName(event);
  if (isDelta && !isPiece(data)) return undefined;
  if (isDelta || isTextEventName(event) || (isAlsoSnapshot(event) && snapshot === true)) {
    return { kind: 'text', frame: { event, data, snapshot } as TextFrame };
  }
  if (!isWireEventName(event)) return { kind: 'unknown' };
  if (wireEventTable[event].delivery === 'durable' && !Number.isSafeInteger(seq)) return undefined;
  return { kind: 'event', frame: (seq === undefined ? { event, data } : { event, data, seq }) as EventFrame };
}

/** Events that are sent as snapshots, too. */
function isAlsoSnapshot(event: string): boolean {
  return event === 'agent.activity' || event === 'turn.offered';
}

function isPiece(data: unknown): boolean {
  const { offset, text } = fieldsOf(data);
  return Number.isSafeInteger(offset) && typeof text === 'string';
}

/** Whether it is an event as it was emitted. */
export function isEventFrame(frame: EventFrame | TextFrame): frame is EventFrame {
  return !('snapshot' in frame) && isWireEventName(frame.event);
}

export function namespaceOf({ event }: EventFrame | TextFrame): WireNamespace {
  return wireEventTable[isDeltaName(event) ? textOfDelta[event] : event].namespace;
}

/** The session that a frame belongs to; `undefined` for config, logs, registered tools, traces without a session, and purges. */
export function sessionIdOf(frame: EventFrame | TextFrame): SessionId | undefined {
  switch (frame.event) {
    case 'session.created':
    case 'session.updated':
    case 'session.deleted':
      return frame.data.id;
    default:
      return 'sessionId' in frame.data ? frame.data.sessionId : undefined;
  }
}

function isDeltaName(event: string): event is DeltaName {
  return Object.hasOwn(textOfDelta, event);
}
