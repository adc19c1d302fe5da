/** The audit, read from the journal (SPEC AUD). */
import type { Kysely } from 'kysely';
import type { AuditPage, CommittedEvent } from '../../../actors/ports.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { entriesOf, eventColumns } from './events-table.ts';

/** Newest first, along the index of the namespace. */
export async function readAudit(
  db: Kysely<Tables>,
  { limit, before }: AuditPage,
): Promise<readonly CommittedEvent[]> {
  let query = db
    .selectFrom('events')
    .select(eventColumns)
    .where('namespace', '=', 'audit')
    .orderBy('seq', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('seq', '<', before);
  const entries = await entriesOf(db, await query.execute());
  return entries.map(({ seq, entry }) => ({ seq, event: entry }));
}
