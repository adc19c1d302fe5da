/** The server's frames as the client library reads them. Their types come from the schema. */
import type { AgentActivity } from '../../schema/agent-activity.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { EventData, EventName, eventCatalogue, WireNamespace } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ReasoningPartial } from '../../schema/reasoning.ts';
import type { Hello, Resync, TextDelta } from '../../schema/wire/callboard-v1-frame.ts';
import { fieldsOf } from './client-error.ts';

/** The namespace of every event that is sent in one of the six namespaces. */
export const namespaceOfEvent = {
  'session.created': 'chat-sessions',
  'session.updated': 'chat-sessions',
  'session.deleted': 'chat-sessions',
  'message.created': 'chat-sessions',
  'message.updated': 'chat-sessions',
  'agent.activity': 'chat-sessions',
  'execution-tree.updated': 'chat-sessions',
  'message.reasoning.completed': 'chat-messages',
  'trace.created': 'traces',
  'trace.updated': 'traces',
  'config.updated': 'config',
  'tool.call': 'tools',
  'tool.result': 'tools',
  'logs.created': 'logs',
} as const satisfies { readonly [Name in WireEventName]: (typeof eventCatalogue)[Name]['namespace'] };

/** Events that are sent unchanged. Growing texts are sent as deltas and snapshots instead. */
export type WireEventName = {
  [Name in EventName]: (typeof eventCatalogue)[Name] extends {
    namespace: WireNamespace;
    delivery: infer Delivery;
  }
    ? Delivery extends 'stream'
      ? never
      : Name
    : never;
}[EventName];

/** `seq` is absent for volatile events: `logs.created`, `execution-tree.updated`. */
export type EventFrame = {
  [Name in WireEventName]: { readonly event: Name; readonly data: EventData<Name>; readonly seq?: number };
}[WireEventName];

/** Growing text ([V1A3]), or the state of a text whose earlier pieces the receiver has missed ([V1A5]). */
export type TextFrame =
  | { readonly event: 'message.delta' | 'message.reasoning.delta'; readonly data: TextDelta }
  | { readonly event: 'message.partial'; readonly data: ChatMessage; readonly snapshot: true }
  | { readonly event: 'message.reasoning.partial'; readonly data: ReasoningPartial; readonly snapshot: true }
  | { readonly event: 'agent.activity'; readonly data: AgentActivity; readonly snapshot: true };

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

const textEvents = [
  'message.delta',
  'message.reasoning.delta',
  'message.partial',
  'message.reasoning.partial',
];
const volatileEvents = ['logs.created', 'execution-tree.updated'];
const controlEvents = ['hello', 'resync', 'heartbeat', 'ack', 'exception'];

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
  if (controlEvents.includes(event)) {
    const frame = { event, data, id: typeof id === 'number' ? id : fieldsOf(data)['id'] };
    return { kind: 'control', frame: frame as ControlFrame };
  }
  if (data === null) return undefined;
  if (event.endsWith('.delta') && !isPiece(data)) return undefined;
  if (textEvents.includes(event) || (event === 'agent.activity' && snapshot === true)) {
    return { kind: 'text', frame: { event, data, snapshot } as TextFrame };
  }
  if (!Object.hasOwn(namespaceOfEvent, event)) return { kind: 'unknown' };
  if (!volatileEvents.includes(event) && !Number.isSafeInteger(seq)) return undefined;
  return { kind: 'event', frame: (seq === undefined ? { event, data } : { event, data, seq }) as EventFrame };
}

function isPiece(data: unknown): boolean {
  const { offset, text } = fieldsOf(data);
  return Number.isSafeInteger(offset) && typeof text === 'string';
}

export function namespaceOf(frame: EventFrame | TextFrame): WireNamespace {
  switch (frame.event) {
    case 'message.delta':
    case 'message.partial':
    case 'message.reasoning.delta':
    case 'message.reasoning.partial':
      return 'chat-messages';
    default:
      return namespaceOfEvent[frame.event];
  }
}

/** The session that a frame belongs to; `undefined` for config, logs, and traces without a session. */
export function sessionOf(frame: EventFrame | TextFrame): SessionId | undefined {
  switch (frame.event) {
    case 'session.created':
    case 'session.updated':
    case 'session.deleted':
      return frame.data.id;
    case 'config.updated':
    case 'logs.created':
      return undefined;
    default:
      return frame.data.sessionId;
  }
}
