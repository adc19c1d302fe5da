/** The table `events`: turns entries into rows, and rows back into entries. */
import type { Kysely, Selectable } from 'kysely';
import { type JournalEntry, JournalRejected } from '../../../actors/ports.ts';
import { type DomainEventOf, isVolatile } from '../../../schema/event-catalogue.ts';
import { eventTable } from '../../../schema/event-table.ts';
import type { SessionId, ToolCallId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { isToldAgain } from '../../../schema/tool-event.ts';
import type { ToolCallRecord } from '../../../schema/turn-record.ts';
import type { Row } from './projection.ts';

/** A committed entry of any delivery. */
export type CommittedEntry = { readonly seq: number; readonly entry: JournalEntry };

/** Throws {@link JournalRejected} for an entry that is never written, should one arrive in spite of the types. */
export function eventRow(entry: JournalEntry): Row<'events'> {
  if (isVolatile(entry)) throw new JournalRejected('a volatile event is never written');
  const { namespace } = eventTable[entry.type];
  return {
    session_id: entry.sessionId,
    namespace,
    event: entry.type,
    data: JSON.stringify(entry.data),
    record: keptRecord(entry),
    at: entry.at,
    command_id: entry.commandId ?? null,
    cause: entry.cause ?? null,
  };
}

/** The columns from which an event is read; `cause` is read only on request. */
export const eventColumns = [
  'seq',
  'session_id',
  'event',
  'data',
  'record',
  'at',
  'command_id',
] as const satisfies readonly (keyof Tables['events'])[];

export type EventRow = Pick<Selectable<Tables['events']>, (typeof eventColumns)[number]>;

type ToolEntry = DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>;

/** JSON text of what is stored beside the data: whose a session or a file is, a key's digests, or a whole tool call. */
function keptRecord(entry: JournalEntry): string | null {
  if (isOfTool(entry)) return JSON.stringify(keptCall(entry));
  if (isOfKey(entry)) return JSON.stringify(entry.record);
  switch (entry.type) {
    case 'session.created':
    case 'session.updated':
    case 'file.stored':
    case 'trace.created':
    case 'trace.updated':
    case 'trace.span.appended':
      return entry.record === undefined ? null : JSON.stringify(entry.record);
    default:
      return null;
  }
}

/** The part of the call that is stored: the arguments are stored once per call, with its first event. */
function keptCall({ type, data, record }: ToolEntry): Partial<ToolCallRecord> {
  if (!isToldAgain(type, data)) return record;
  const { argumentsJson: _, ...rest } = record;
  return rest;
}

function isOfKey(entry: JournalEntry): entry is DomainEventOf<`key.${'created' | 'rotated' | 'revoked'}`> {
  return entry.type === 'key.created' || entry.type === 'key.rotated' || entry.type === 'key.revoked';
}

function isOfTool(entry: JournalEntry): entry is ToolEntry {
  return entry.type === 'tool.call' || entry.type === 'tool.result';
}

/** Turns rows into entries; arguments that a row does not repeat are read from the call. */
export async function entriesOf(db: Kysely<Tables>, rows: readonly EventRow[]): Promise<CommittedEntry[]> {
  const entries = rows.map((row) => ({ seq: row.seq, entry: journalEntryOf(row) }));
  const lacking = entries.flatMap(({ entry }) => (lacksArguments(entry) ? [entry] : []));
  if (lacking.length === 0) return entries;
  const found = await storedArguments(
    db,
    lacking.map(({ data }) => data.id),
  );
  const gone = lacking.filter(({ data }) => !found.has(data.id));
  if (gone.length > 0) {
    const first = await firstArguments(
      db,
      gone.map(({ data }) => data.sessionId),
    );
    for (const [id, text] of first) found.set(id, text);
  }
  return entries.map(({ seq, entry }) => {
    if (!lacksArguments(entry)) return { seq, entry };
    // Puts the keys into the order in which they were written.
    const { turnId, modelCallId, argumentsJson: _, ...rest } = entry.record;
    const argumentsJson = found.get(entry.data.id) ?? '';
    return { seq, entry: { ...entry, record: { turnId, modelCallId, argumentsJson, ...rest } } };
  });
}

async function storedArguments(
  db: Kysely<Tables>,
  calls: readonly ToolCallId[],
): Promise<Map<ToolCallId, string>> {
  const rows = await db
    .selectFrom('tool_calls')
    .select(['id', 'arguments'])
    .where('id', 'in', [...new Set(calls)])
    .execute();
  return new Map(rows.map((row) => [row.id, row.arguments]));
}

/** Reads arguments from the first event of each call, for calls that were deleted with their session. */
async function firstArguments(
  db: Kysely<Tables>,
  sessions: readonly SessionId[],
): Promise<Map<ToolCallId, string>> {
  const rows = await db
    .selectFrom('events')
    .select(eventColumns)
    .where('session_id', 'in', [...new Set(sessions)])
    .where('event', '=', 'tool.call')
    .execute();
  const found = new Map<ToolCallId, string>();
  for (const entry of rows.map(journalEntryOf)) {
    if (entry.type === 'tool.call' && !isToldAgain(entry.type, entry.data)) {
      found.set(entry.data.id, entry.record.argumentsJson);
    }
  }
  return found;
}

/** A type guard: entries from rows have the type of the entries that were written. */
function lacksArguments(entry: JournalEntry): entry is ToolEntry {
  return isOfTool(entry) && !Object.hasOwn(entry.record, 'argumentsJson');
}

function journalEntryOf(row: EventRow): JournalEntry {
  const parts = {
    type: row.event,
    sessionId: row.session_id,
    data: JSON.parse(row.data),
    at: row.at,
    ...(row.command_id === null ? {} : { commandId: row.command_id }),
    ...(row.record === null ? {} : { record: JSON.parse(row.record) }),
  };
  // Only `eventRow` writes this table, so type and data belong together as they did in the entry.
  return parts as JournalEntry;
}

/** At most `limit` entries after `after`, in `seq` order. Rejects with the database's own error. */
export async function readEntries(
  db: Kysely<Tables>,
  range: { readonly after: number; readonly limit: number },
): Promise<CommittedEntry[]> {
  const rows = await db
    .selectFrom('events')
    .select(eventColumns)
    .where('seq', '>', range.after)
    .orderBy('seq')
    .limit(range.limit)
    .execute();
  return await entriesOf(db, rows);
}
