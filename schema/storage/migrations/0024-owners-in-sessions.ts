/** Whose sessions are, in their own rows, so that lists of them are read along an index: `tables.ts` explains the columns. */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    // For as long as it takes: a statement is otherwise given as much time as an answer may take.
    await sql`set local statement_timeout = 0`.execute(db);
    // An order that no other index has (`src/storage/sql/session-lists.ts`).
    await addOwners(db, sql`desc nulls last`);
    // It knows nothing of new columns until then.
    await sql`analyze sessions`.execute(db);
    return;
  }
  // Kysely runs no migration of SQLite in a transaction. A process may die here, or after it, before Kysely notes it.
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`select 1 from sqlite_master where name = 'sessions_by_owner'`.execute(
      transaction,
    );
    if (rows.length === 0) await addOwners(transaction, sql`desc`);
  });
}

async function addOwners(db: Kysely<unknown>, newestFirst: RawBuilder<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('owner', 'text').execute();
  await db.schema
    .alterTable('sessions')
    .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await sql`update sessions set owner = held.owner, tenant = coalesce(held.tenant, '')
    from session_owners as held where held.session_id = sessions.id`.execute(db);
  // The status last: a list that filters by it need not look at the rows of the others.
  const rest = sql`updated_at ${newestFirst}, position ${newestFirst}, status`;
  await sql`create index sessions_by_owner on sessions (tenant, owner, ${rest})`.execute(db);
  await sql`create index sessions_by_tenant on sessions (tenant, ${rest})`.execute(db);
}
