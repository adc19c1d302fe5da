/** The server's frames as the client library reads them, typed from the schema. */
import type { EventData } from '../../schema/event-catalogue.ts';
import type { SnapshotName } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Hello, Resync, TextDelta } from '../../schema/wire/callboard-v1-frame.ts';
import {
  type DeltaName,
  deltaOf,
  isTextEventName,
  isWireEventName,
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

const deltaNames: readonly string[] = Object.values(deltaOf);

const controlEvents: readonly string[] = [
  'hello',
  'resync',
  'heartbeat',
  'ack',
  'exception',
] satisfies ControlFrame['event'][];

/** The texts that a connection has named by number ([V1F2]), each as it writes its deltas in full. The last used are last. */
export type NumberedTexts = Map<unknown, (offset: unknown, text: unknown) => object>;

/** More than a server has at a time. Who hears many sessions for long would else remember every text that there was. */
const numberedTextsMax = 20_000;

/**
 * `undefined` when `text` is not a frame. Trusts the shape of the server's data; the order is checked elsewhere. A compact
 * delta is given as the delta that it is short for; `texts` are those that this connection has named.
 */
export function parsedFrame(text: string, texts: NumberedTexts): ServerFrame | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  const whole = Array.isArray(given) ? texts.get(given[0])?.(given[1], given[2]) : given;
  const { event, data, seq, snapshot, id, number } = fieldsOf(whole);
  if (typeof event !== 'string' || typeof data !== 'object') return undefined;
  if (controlEvents.includes(event)) {
    const frame = { event, data, id: typeof id === 'number' ? id : fieldsOf(data)['id'] };
    return { kind: 'control', frame: frame as ControlFrame };
  }
  if (data === null) return undefined;
  const isDelta = isDeltaName(event);
  if (isDelta && !isPiece(data)) return undefined;
  const isText = isDelta || isTextEventName(event);
  if (!isText && !isWireEventName(event)) return { kind: 'unknown' };
  if (isText || snapshot === true) {
    if (number !== undefined) remember(number, event, data, texts);
    return { kind: 'text', frame: { event, data, snapshot } as TextFrame };
  }
  if (wireEventTable[event].delivery === 'durable' && !Number.isSafeInteger(seq)) return undefined;
  return { kind: 'event', frame: (seq === undefined ? { event, data } : { event, data, seq }) as EventFrame };
}

function remember(number: unknown, told: string, data: unknown, texts: NumberedTexts): void {
  const event = isTextEventName(told) ? deltaOf[told] : told;
  const { sessionId, id, messageId = id } = fieldsOf(data);
  texts.delete(number);
  texts.set(number, (offset, text) => ({ event, data: { sessionId, messageId, offset, text }, number }));
  if (texts.size > numberedTextsMax) texts.delete(texts.keys().next().value);
}

function isPiece(data: unknown): boolean {
  const { offset, text } = fieldsOf(data);
  return Number.isSafeInteger(offset) && typeof text === 'string';
}

/** Whether it is an event as it was emitted. Of a text, `parsedFrame` says always whether it is a snapshot. */
export function isEventFrame(frame: EventFrame | TextFrame): frame is EventFrame {
  return !('snapshot' in frame);
}

export function namespaceOf({ event }: EventFrame | TextFrame): WireNamespace {
  return isDeltaName(event) ? 'chat-messages' : wireEventTable[event].namespace;
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
  return deltaNames.includes(event);
}
