/**
 * The events that clients can get, and the namespaces that they can subscribe to; `event-table.ts` has all others. A file of
 * its own, because it is all that the client library needs; it imports nothing, so that no schema validator comes along
 * ([CLT9]).
 */

/** The namespaces that clients can open a socket on, each at the path `/<namespace>` (docs/protocol.md A1). */
export const baselineNamespaces = [
  'chat-sessions',
  'chat-messages',
  'traces',
  'config',
  'tools',
  'logs',
] as const;
export type BaselineNamespace = (typeof baselineNamespaces)[number];

/**
 * The namespaces that clients can subscribe to. `turns` is for outside agents, `audit` for operators: they have no path
 * and no baseline frames, and only a client that names them gets them ([OFR1], [AUD1]).
 */
export const wireNamespaces = [...baselineNamespaces, 'turns', 'audit'] as const;
export type WireNamespace = (typeof wireNamespaces)[number];

type WireEntry = {
  readonly namespace: WireNamespace;
  readonly delivery: 'durable' | 'volatile' | 'stream';
};

/** Most events are durable: said so, the table takes less room in the client library. */
const durable = <Namespace extends WireNamespace>(namespace: Namespace) =>
  ({ namespace, delivery: 'durable' }) as const;

/** The events that clients can get, a table of its own for the client library, which needs no others. */
export const wireEventTable = {
  'session.created': durable('chat-sessions'),
  'session.updated': durable('chat-sessions'),
  'session.deleted': durable('chat-sessions'),
  'message.created': durable('chat-sessions'),
  'message.updated': durable('chat-sessions'),
  'message.deleted': durable('chat-sessions'),
  'participant.added': durable('chat-sessions'),
  'participant.updated': durable('chat-sessions'),
  'participant.removed': durable('chat-sessions'),
  'branch.selected': durable('chat-sessions'),
  'agent.activity': durable('chat-sessions'),
  'execution-tree.updated': { namespace: 'chat-sessions', delivery: 'volatile' },
  'turn.retrying': { namespace: 'chat-sessions', delivery: 'volatile' },
  'message.partial': { namespace: 'chat-messages', delivery: 'stream' },
  'message.reasoning.partial': { namespace: 'chat-messages', delivery: 'stream' },
  'message.reasoning.completed': durable('chat-messages'),
  'trace.created': durable('traces'),
  'trace.updated': durable('traces'),
  'trace.span.appended': durable('traces'),
  'trace.purged': durable('traces'),
  'config.updated': durable('config'),
  'config.flag.updated': durable('config'),
  'config.reset': durable('config'),
  'tool.call': durable('tools'),
  'tool.result': durable('tools'),
  'tool.registered': durable('tools'),
  'tool.updated': durable('tools'),
  'tool.deactivated': durable('tools'),
  'logs.created': { namespace: 'logs', delivery: 'volatile' },
  'turn.offered': durable('turns'),
  'turn.claimed': durable('turns'),
  'turn.withdrawn': durable('turns'),
  'key.created': durable('audit'),
  'key.rotated': durable('audit'),
  'key.revoked': durable('audit'),
  'token.created': durable('audit'),
  'session.handed-over': durable('audit'),
  'session.commanded': durable('audit'),
  'refusals.counted': durable('audit'),
} as const satisfies Readonly<Record<string, WireEntry>>;

/** The events of a table that are delivered in one of these ways. */
export type DeliveredIn<Table extends Readonly<Record<string, { readonly delivery: string }>>, By> = {
  [Name in keyof Table]: Table[Name]['delivery'] extends By ? Name : never;
}[keyof Table];
type Delivered<By extends WireEntry['delivery']> = DeliveredIn<typeof wireEventTable, By>;

/** Events that clients get as they were emitted. */
export type WireEventName = Delivered<'durable' | 'volatile'>;

/**
 * For each event that is sent as a snapshot of growing text: the name of the frames that carry the text's deltas
 * ([V1A3], [V1A5]).
 */
export const deltaOf = {
  'message.partial': 'message.delta',
  'message.reasoning.partial': 'message.reasoning.delta',
} as const satisfies { readonly [Name in Delivered<'stream'>]: string };
export type TextEventName = keyof typeof deltaOf;
export type DeltaName = (typeof deltaOf)[TextEventName];

export function isTextEventName(name: string): name is TextEventName {
  return Object.hasOwn(deltaOf, name);
}

export function isWireEventName(name: string): name is WireEventName {
  return isNameOfTable(name, wireEventTable) && wireEventTable[name].delivery !== 'stream';
}

function isNameOfTable<Table extends object>(name: PropertyKey, table: Table): name is keyof Table {
  return Object.hasOwn(table, name);
}
