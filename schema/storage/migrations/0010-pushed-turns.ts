/** Turns that agents push from outside, and what the server alone knows: `tables.ts` explains the columns. */
import { type ColumnDataType, type Kysely, PostgresAdapter } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  await db.schema.alterTable('turns').addColumn('pushed', 'text').execute();
  await db.schema.alterTable('turns').addColumn('received', whole).execute();
  await db.schema
    .createTable('server_secrets')
    .addColumn('name', 'text', (definition) => definition.primaryKey())
    .addColumn('value', 'text', (definition) => definition.notNull())
    .execute();
}
