/** Who sent a message: `tables.ts` explains the column. Of those from before it is not known. */
import { type Kysely, PostgresAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) {
    // Kysely runs no migration of SQLite in a transaction: a process may die after this one, before Kysely notes it.
    const { rows } = await sql`select 1 from pragma_table_info('messages') where name = 'author'`.execute(db);
    if (rows.length > 0) return;
  }
  await db.schema.alterTable('messages').addColumn('author', 'text').execute();
}
