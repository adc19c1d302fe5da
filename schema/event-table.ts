/**
 * Every domain event by name: the namespace it belongs to and how it is delivered. This is the one list of events and
 * of namespaces: the catalogue, the store, the gateway, the client library and the tests read it. An event added here
 * has its schema demanded by the compiler in `event-catalogue.ts`.
 *
 * Those that clients can get are in `wire-event-table.ts`.
 */
import {
  type BaselineNamespace,
  baselineNamespaces,
  type DeliveredIn,
  type TextEventName,
  type WireNamespace,
  wireEventTable,
  wireNamespaces,
} from './wire-event-table.ts';

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

type JournalEntry = {
  readonly namespace: (typeof journalNamespaces)[number];
  readonly delivery: 'journal' | 'checkpoint';
};

const journalEventTable = {
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
} as const satisfies Readonly<Record<string, JournalEntry>>;

export const eventTable: typeof wireEventTable & typeof journalEventTable = Object.assign(
  {},
  wireEventTable,
  journalEventTable,
);

export type EventName = keyof typeof eventTable;

/** The events that are delivered in one of these ways. */
export type EventDelivered<By extends Delivery> = DeliveredIn<typeof eventTable, By>;

/** Events of a state that lasts, which is told as a snapshot to a client that joins in the middle ([V1A5]). */
export const stateNames = [
  'agent.activity',
  'turn.offered',
  'turn.retrying',
] as const satisfies readonly EventName[];

/** Events that are also sent as snapshots. */
export type SnapshotName = TextEventName | (typeof stateNames)[number];

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventTable, name);
}

export function isBaselineNamespace(name: string): name is BaselineNamespace {
  return baselineNamespaces.some((namespace) => namespace === name);
}

export function isWireNamespace(name: string): name is WireNamespace {
  return wireNamespaces.some((namespace) => namespace === name);
}
