/** Stored keys, and since when the store belongs to a server with authentication: `tables.ts` explains the columns. */
import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const key = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull();

export async function up(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', key)
    .addColumn('name', 'text', required)
    .addColumn('scopes', 'text', required)
    .addColumn('tenant', 'text')
    .addColumn('created_at', whole, required)
    .addColumn('created_by', 'text', required)
    .addColumn('expires_at', whole)
    .addColumn('revoked_at', whole)
    .addColumn('last_used_at', whole)
    .addColumn('secret_version', whole, required)
    .addColumn('digest', 'text', required)
    .addColumn('previous', 'text')
    .execute();
  await db.schema
    .createTable('authentication')
    .addColumn('id', whole, key)
    .addColumn('since', whole, required)
    .execute();
}
