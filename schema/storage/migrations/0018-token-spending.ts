/** Who pays for a turn, and what each principal has spent on each day: `tables.ts` explains the columns. */
import { type ColumnDataType, type Kysely, PostgresAdapter } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';
  await db.schema.alterTable('turns').addColumn('charged_to', 'text').execute();
  await db.schema
    .createTable('token_spending')
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('tokens', whole, (column) => column.notNull())
    // The day first: old ones are deleted by it.
    .addPrimaryKeyConstraint('token_spending_key', ['day', 'owner', 'tenant'])
    .execute();
}
