/** Titles made by models, messages that were changed while they waited, and ids of deleted ones: `tables.ts` explains them. */
import { type ColumnDataType, type Kysely, PostgresAdapter } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  const flag = (table: string, column: string) =>
    db.schema
      .alterTable(table)
      .addColumn(column, whole, (definition) => definition.notNull().defaultTo(0))
      .execute();
  await flag('sessions', 'auto_title');
  await flag('messages', 'edited');
  await db.schema
    .createTable('deleted_messages')
    .addColumn('id', 'text', (definition) => definition.primaryKey().notNull())
    .addColumn('session_id', 'text', (definition) => definition.notNull())
    .execute();
  await db.schema
    .createIndex('deleted_messages_of_session')
    .on('deleted_messages')
    .column('session_id')
    .execute();
}
