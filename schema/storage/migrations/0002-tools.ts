/** Columns and tables for tools, models and layouts; `tables.ts` explains them. */
import { type ColumnDataType, type Kysely, PostgresAdapter } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';

  await db.schema.alterTable('sessions').addColumn('options', 'text').execute();
  await db.schema.alterTable('turns').addColumn('options', 'text').execute();

  // One column per statement, because SQLite cannot add more at a time.
  const addToToolCalls = (column: string, type: ColumnDataType, value?: number) =>
    db.schema
      .alterTable('tool_calls')
      .addColumn(column, type, (definition) =>
        value === undefined ? definition : definition.notNull().defaultTo(value),
      )
      .execute();
  await addToToolCalls('step', whole, 1);
  await addToToolCalls('needs_approval', whole, 0);
  await addToToolCalls('approval_deadline', whole);
  await addToToolCalls('approval', 'text');
  await db.schema.dropIndex('tool_calls_of_session').execute();
  await db.schema
    .createIndex('tool_calls_of_session')
    .on('tool_calls')
    .columns(['session_id', 'position'])
    .execute();

  await db.schema
    .createTable('turn_steps')
    .addColumn('session_id', 'text', (definition) => definition.notNull())
    .addColumn('turn_id', 'text', (definition) => definition.notNull())
    .addColumn('step', whole, (definition) => definition.notNull())
    .addColumn('data', 'text', (definition) => definition.notNull())
    .addPrimaryKeyConstraint('turn_steps_pkey', ['turn_id', 'step'])
    .execute();
  await db.schema.createIndex('turn_steps_of_session').on('turn_steps').column('session_id').execute();

  await db.schema
    .createTable('preferences')
    .addColumn('owner', 'text', (definition) => definition.primaryKey().notNull())
    .addColumn('layout', 'text', (definition) => definition.notNull())
    .addColumn('updated_at', whole, (definition) => definition.notNull())
    .execute();
}
