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

/** The events that clients can get, a table of its own for the client library, which needs no others. */
export const wireEventTable = {
  'session.created': { namespace: 'chat-sessions', delivery: 'durable' },
  'session.updated': { namespace: 'chat-sessions', delivery: 'durable' },
  'session.deleted': { namespace: 'chat-sessions', delivery: 'durable' },
  'message.created': { namespace: 'chat-sessions', delivery: 'durable' },
  'message.updated': { namespace: 'chat-sessions', delivery: 'durable' },
  'message.deleted': { namespace: 'chat-sessions', delivery: 'durable' },
  'participant.added': { namespace: 'chat-sessions', delivery: 'durable' },
  'participant.updated': { namespace: 'chat-sessions', delivery: 'durable' },
  'participant.removed': { namespace: 'chat-sessions', delivery: 'durable' },
  'branch.selected': { namespace: 'chat-sessions', delivery: 'durable' },
  'agent.activity': { namespace: 'chat-sessions', delivery: 'durable' },
  'execution-tree.updated': { namespace: 'chat-sessions', delivery: 'volatile' },
  'message.partial': { namespace: 'chat-messages', delivery: 'stream' },
  'message.reasoning.partial': { namespace: 'chat-messages', delivery: 'stream' },
  'message.reasoning.completed': { namespace: 'chat-messages', delivery: 'durable' },
  'trace.created': { namespace: 'traces', delivery: 'durable' },
  'trace.updated': { namespace: 'traces', delivery: 'durable' },
  'trace.span.appended': { namespace: 'traces', delivery: 'durable' },
  'trace.purged': { namespace: 'traces', delivery: 'durable' },
  'config.updated': { namespace: 'config', delivery: 'durable' },
  'config.flag.updated': { namespace: 'config', delivery: 'durable' },
  'config.reset': { namespace: 'config', delivery: 'durable' },
  'tool.call': { namespace: 'tools', delivery: 'durable' },
  'tool.result': { namespace: 'tools', delivery: 'durable' },
  'tool.registered': { namespace: 'tools', delivery: 'durable' },
  'tool.updated': { namespace: 'tools', delivery: 'durable' },
  'tool.deactivated': { namespace: 'tools', delivery: 'durable' },
  'logs.created': { namespace: 'logs', delivery: 'volatile' },
  'turn.offered': { namespace: 'turns', delivery: 'durable' },
  'turn.claimed': { namespace: 'turns', delivery: 'durable' },
  'turn.withdrawn': { namespace: 'turns', delivery: 'durable' },
  'key.created': { namespace: 'audit', delivery: 'durable' },
  'key.rotated': { namespace: 'audit', delivery: 'durable' },
  'key.revoked': { namespace: 'audit', delivery: 'durable' },
  'token.created': { namespace: 'audit', delivery: 'durable' },
  'session.handed-over': { namespace: 'audit', delivery: 'durable' },
  'session.commanded': { namespace: 'audit', delivery: 'durable' },
  'refusals.counted': { namespace: 'audit', delivery: 'durable' },
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
