/** Whose sessions are: `tables.ts` explains the columns. Sessions from before have no row. */
import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';

const key = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull();

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('session_owners')
    .addColumn('session_id', 'text', key)
    .addColumn('owner', 'text')
    .addColumn('tenant', 'text')
    .execute();
  await db.schema
    .createIndex('sessions_of_owner')
    .on('session_owners')
    .columns(['owner', 'tenant', 'session_id'])
    .execute();
  await db.schema
    .createIndex('sessions_of_tenant')
    .on('session_owners')
    .columns(['tenant', 'session_id'])
    .where(sql.ref('tenant'), 'is not', null)
    .execute();
}
