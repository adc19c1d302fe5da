/** What the database knows of files, for both databases. */
import { type Kysely, sql } from 'kysely';
import type { FileRecords } from '../../../actors/file-store.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { databaseAnswer } from './database-answer.ts';
import { isVisible } from './visible-sessions.ts';

export function kyselyFileRecords(db: Kysely<Tables>): FileRecords {
  return {
    file: (id) =>
      databaseAnswer('table of files', async () => {
        const row = await db
          .selectFrom('files')
          .select(['id', 'name', 'type', 'bytes', 'sha256'])
          .where('id', '=', id)
          .executeTakeFirst();
        return row && { ...row };
      }),
    access: (ids, visibleTo) =>
      databaseAnswer('table of files', async () => {
        if (ids.length === 0) return new Map();
        const rows = await db
          .selectFrom('files')
          .select(['id', 'owner', 'tenant'])
          .select(
            sql<number | null>`(select 1 from file_references as refers where refers.file_id = files.id
              and ${isVisible(sql.ref('refers.session_id'), visibleTo)} limit 1)`.as('seen'),
          )
          .where('id', 'in', ids)
          .execute();
        return new Map(
          rows.map(({ id, seen, ...owned }) => [id, { ...owned, isInSeenSession: seen !== null }] as const),
        );
      }),
    known: (ids) =>
      databaseAnswer('table of files', async () => {
        if (ids.length === 0) return new Set();
        const rows = await db.selectFrom('files').select('id').where('id', 'in', ids).execute();
        return new Set(rows.map((row) => row.id));
      }),
    unreferenced: ({ after, limit, storedBefore }) =>
      databaseAnswer('table of files', async () => {
        const rows = await db
          .selectFrom('files')
          .select(['position', 'id', 'created_at'])
          .select((eb) =>
            eb
              .exists(
                eb
                  .selectFrom('file_references')
                  .select('message_id')
                  .whereRef('file_references.file_id', '=', 'files.id'),
              )
              .as('is_referenced'),
          )
          .where('position', '>', after)
          .orderBy('position')
          .limit(limit)
          .execute();
        // SQLite answers 0 or 1, PostgreSQL a boolean. Clocks may step back, so a young file may precede an old one.
        const ids = rows
          .filter((row) => !Number(row.is_referenced) && row.created_at < storedBefore)
          .map((row) => row.id);
        return { ids, last: rows.length < limit ? null : (rows.at(-1)?.position ?? null) };
      }),
  };
}
