/** Who takes part in sessions, and since when sessions are closed: `tables.ts` explains the columns. */
import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';

const required = (column: ColumnDefinitionBuilder) => column.notNull();

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';

  await db.schema.alterTable('sessions').addColumn('closed_at', whole).execute();

  await db.schema
    .createTable('participants')
    .addColumn('position', whole, (definition) =>
      postgres
        ? definition.generatedByDefaultAsIdentity().primaryKey()
        : definition.primaryKey().autoIncrement().notNull(),
    )
    .addColumn('session_id', 'text', required)
    .addColumn('participant_id', 'text', required)
    .addColumn('name', 'text')
    .addColumn('role', 'text', required)
    .addColumn('created_at', whole, required)
    .addColumn('updated_at', whole, required)
    .addUniqueConstraint('participants_of_session', ['session_id', 'participant_id'])
    .execute();
  await db.schema
    .createIndex('sessions_of_participant')
    .on('participants')
    .columns(['participant_id', 'session_id', 'role'])
    .execute();
}
