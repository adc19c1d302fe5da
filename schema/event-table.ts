/**
 * Every domain event by name: the namespace it belongs to and how it is delivered. This is the one list of events and
 * of namespaces: the catalogue, the store, the gateway, the client library and the tests read it. An event added here
 * has its schema demanded by the compiler in `event-catalogue.ts`.
 *
 * It imports nothing, so that the client library can read it without a schema validator ([CLT9]).
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

/** Namespaces of events that only the journal keeps, for recovery and replay: clients cannot open a socket on them. */
const journalNamespaces = [
  'turn-journal',
  'commands',
  'preferences',
  'imports',
  'files',
  'config-file',
  'config-history',
] as const;

export const namespaces = [...wireNamespaces, ...journalNamespaces] as const;
export type Namespace = (typeof namespaces)[number];

/**
 * - `durable`: written to the journal, published after its commit, in lane order (I1, I2).
 * - `journal`: written in lane order, never published to baseline clients.
 * - `checkpoint`: written, but not published and never waited for: clients already have its text.
 * - `volatile`: published in lane order, never written: it is lost with the process.
 * - `stream`: not emitted as such: the broadcaster derives it from a piece of text.
 */
export const deliveries = ['durable', 'journal', 'checkpoint', 'volatile', 'stream'] as const;
export type Delivery = (typeof deliveries)[number];

type TableEntry =
  | { readonly namespace: WireNamespace; readonly delivery: 'durable' | 'volatile' | 'stream' }
  | {
      readonly namespace: (typeof journalNamespaces)[number];
      readonly delivery: 'journal' | 'checkpoint';
    };

export const eventTable = {
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
  'turn.queued': { namespace: 'turn-journal', delivery: 'journal' },
  'turn.started': { namespace: 'turn-journal', delivery: 'journal' },
  'turn.step.started': { namespace: 'turn-journal', delivery: 'journal' },
  'turn.step.ended': { namespace: 'turn-journal', delivery: 'journal' },
  'turn.received': { namespace: 'turn-journal', delivery: 'checkpoint' },
  'turn.ended': { namespace: 'turn-journal', delivery: 'journal' },
  'command.completed': { namespace: 'commands', delivery: 'journal' },
  'config.changed': { namespace: 'config-history', delivery: 'journal' },
  'preferences.updated': { namespace: 'preferences', delivery: 'journal' },
  'config-file.updated': { namespace: 'config-file', delivery: 'journal' },
  'session.imported': { namespace: 'imports', delivery: 'journal' },
  'file.stored': { namespace: 'files', delivery: 'journal' },
  'file.deleted': { namespace: 'files', delivery: 'journal' },
  'message.checkpoint': { namespace: 'turn-journal', delivery: 'checkpoint' },
} as const satisfies Readonly<Record<string, TableEntry>>;

export type EventName = keyof typeof eventTable;

/** The events that are delivered in one of these ways. */
export type EventDelivered<By extends Delivery> = {
  [Name in EventName]: (typeof eventTable)[Name]['delivery'] extends By ? Name : never;
}[EventName];

/** Events that clients get as they were emitted. */
export type WireEventName = EventDelivered<'durable' | 'volatile'>;

/**
 * For each event that is sent as a snapshot of growing text: the name of the frames that carry the text's deltas
 * ([V1A3], [V1A5]).
 */
export const deltaOf = {
  'message.partial': 'message.delta',
  'message.reasoning.partial': 'message.reasoning.delta',
} as const satisfies { readonly [Name in EventDelivered<'stream'>]: string };
export type TextEventName = keyof typeof deltaOf;
export type DeltaName = (typeof deltaOf)[TextEventName];

/** Events that are also sent as snapshots, to a client that joins in the middle ([V1A5]). */
export type SnapshotName = TextEventName | 'agent.activity' | 'turn.offered';

export function isTextEventName(name: string): name is TextEventName {
  return Object.hasOwn(deltaOf, name);
}

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventTable, name);
}

export function isWireEventName(name: string): name is WireEventName {
  if (!isEventName(name)) return false;
  const { delivery } = eventTable[name];
  return delivery === 'durable' || delivery === 'volatile';
}

export function isBaselineNamespace(name: string): name is BaselineNamespace {
  return baselineNamespaces.some((namespace) => namespace === name);
}

export function isWireNamespace(name: string): name is WireNamespace {
  return wireNamespaces.some((namespace) => namespace === name);
}
