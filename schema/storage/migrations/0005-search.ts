/** The search index, and indexes for filters and waiting calls: `tables.ts` explains the tables. */
import { type ColumnDataType, type Kysely, PostgresAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';

  for (const table of ['message_terms', 'title_terms']) {
    if (postgres) {
      await sql`create table ${sql.table(table)} (rowid bigint primary key, terms tsvector not null)`.execute(
        db,
      );
      await sql`create index ${sql.ref(`${table}_by_term`)} on ${sql.table(table)} using gin (terms)`.execute(
        db,
      );
    } else {
      // `ascii` leaves letters beyond ASCII as they are: the terms are folded and cut by `search-terms.ts`.
      await sql`create virtual table ${sql.table(table)} using fts5(terms, content='', contentless_delete=1,
        detail=none, tokenize='ascii', prefix='1 2 3')`.execute(db);
    }
  }

  await db.schema
    .createTable('search_backfill')
    .addColumn('kind', 'text', (definition) => definition.primaryKey().notNull())
    .addColumn('below', whole, (definition) => definition.notNull())
    .execute();
  for (const table of ['messages', 'sessions']) {
    await sql`insert into search_backfill (kind, below)
      select ${sql.lit(table)}, max(position) + 1 from ${sql.table(table)} having count(*) > 0`.execute(db);
  }

  await db.schema
    .createIndex('sessions_by_status')
    .on('sessions')
    .columns(['status', 'updated_at', 'position'])
    .execute();
  // Few agents are busy, and their state changes often: the idle ones stay out of the index.
  await sql`create index busy_sessions on sessions (activity, updated_at, position) where activity <> 'idle'`.execute(
    db,
  );
  await db.schema
    .createIndex('tool_calls_by_status')
    .on('tool_calls')
    .columns(['status', 'position'])
    .execute();
}
