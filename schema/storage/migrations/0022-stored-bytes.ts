/** How many bytes sessions and files count for their owners: `tables.ts` explains the columns. */
import { type ColumnDataType, type Kysely, PostgresAdapter, sql } from 'kysely';

/** What each row counts beside its text, as when this was written. */
const rowBytes = 512;

export async function up(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  await db.schema
    .alterTable('sessions')
    .addColumn('stored_bytes', whole, (column) => column.notNull().defaultTo(0))
    .execute();
  // What was written more than once before counts once: the store does not know how often it was.
  await sql`update sessions set stored_bytes = ${sql.lit(rowBytes)}
    + coalesce((select sum(octet_length(messages.content) + coalesce(octet_length(messages.marks), 0) + ${sql.lit(rowBytes)})
      from messages where messages.session_id = sessions.id), 0)
    + coalesce((select sum(octet_length(tool_calls.arguments) + coalesce(octet_length(tool_calls.result), 0)
      + ${sql.lit(2 * rowBytes)}) from tool_calls where tool_calls.session_id = sessions.id), 0)`.execute(db);
  await db.schema.createIndex('files_of_owner').on('files').columns(['owner', 'tenant', 'bytes']).execute();
}
