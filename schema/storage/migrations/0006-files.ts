/** Files and what refers to them: `tables.ts` explains the tables. */
import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';

const required = (column: ColumnDefinitionBuilder) => column.notNull();

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';

  await db.schema
    .createTable('files')
    .addColumn('position', whole, (definition) =>
      postgres
        ? definition.generatedByDefaultAsIdentity().primaryKey()
        : definition.primaryKey().autoIncrement().notNull(),
    )
    .addColumn('id', 'text', (definition) => definition.notNull().unique())
    .addColumn('name', 'text', required)
    .addColumn('type', 'text', required)
    .addColumn('bytes', whole, required)
    .addColumn('sha256', 'text', required)
    .addColumn('created_at', whole, required)
    .execute();

  await db.schema
    .createTable('file_references')
    .addColumn('file_id', 'text', required)
    .addColumn('message_id', 'text', required)
    .addColumn('session_id', 'text', required)
    .addPrimaryKeyConstraint('file_references_pkey', ['file_id', 'message_id'])
    .execute();
  await db.schema
    .createIndex('file_references_of_session')
    .on('file_references')
    .columns(['session_id', 'message_id'])
    .execute();
}
