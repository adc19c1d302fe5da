/** The table `events`: turns entries into rows, and rows back into entries. */
import type { Kysely, Selectable } from 'kysely';
import { type JournalEntry, JournalRejected } from '../../../actors/ports.ts';
import { isVolatile } from '../../../schema/event-catalogue.ts';
import { eventTable } from '../../../schema/event-table.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Row } from './projection.ts';

/** An entry of any delivery, as the journal holds it. */
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
    record: 'record' in entry ? JSON.stringify(entry.record) : null,
    at: entry.at,
    command_id: entry.commandId ?? null,
    cause: entry.cause ?? null,
  };
}

/** What an event is read from; `cause` only where it is asked for. */
export const eventColumns = [
  'seq',
  'session_id',
  'event',
  'data',
  'record',
  'at',
  'command_id',
] as const satisfies readonly (keyof Tables['events'])[];

export function journalEntryOf(
  row: Pick<Selectable<Tables['events']>, (typeof eventColumns)[number]>,
): JournalEntry {
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
  return rows.map((row) => ({ seq: row.seq, entry: journalEntryOf(row) }));
}
