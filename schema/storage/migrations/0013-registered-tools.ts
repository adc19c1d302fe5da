/** Tools that operators register while the server runs, and the key of which their secrets are made: `tables.ts` explains them. */
import { type ColumnDataType, type Kysely, PostgresAdapter } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  await db.schema
    .createTable('registered_tools')
    .addColumn('name', 'text', (definition) => definition.primaryKey().notNull())
    .addColumn('data', 'text', (definition) => definition.notNull())
    .execute();
  await db.schema
    .createTable('tool_secret_keys')
    .addColumn('id', whole, (definition) => definition.primaryKey().notNull())
    .addColumn('key', 'text', (definition) => definition.notNull())
    .execute();
}
