/** The first tables, for both SQLite and PostgreSQL; `tables.ts` explains them. */
import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const unique = (column: ColumnDefinitionBuilder) => column.notNull().unique();

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  /** Whole numbers up to 2^53: times, positions. SQLite stores any integer in as many bytes as it needs. */
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';

  /** A table whose first column numbers its rows in the order of creation. */
  const numbered = (name: string, column: string, options = { neverReused: false }) =>
    db.schema.createTable(name).addColumn(column, whole, (definition) => {
      if (postgres) return definition.generatedByDefaultAsIdentity().primaryKey();
      return options.neverReused
        ? definition.primaryKey().autoIncrement().notNull()
        : definition.primaryKey().notNull();
    });

  await numbered('events', 'seq', { neverReused: true })
    .addColumn('session_id', 'text')
    .addColumn('namespace', 'text', required)
    .addColumn('event', 'text', required)
    .addColumn('data', 'text', required)
    .addColumn('record', 'text')
    .addColumn('at', whole, required)
    .addColumn('command_id', 'text')
    .execute();
  await db.schema.createIndex('events_of_session').on('events').columns(['session_id', 'seq']).execute();
  await db.schema.createIndex('events_of_namespace').on('events').columns(['namespace', 'seq']).execute();

  await db.schema
    .createTable('journal_meta')
    .addColumn('id', 'integer', (definition) => definition.primaryKey())
    .addColumn('epoch', 'text', required)
    .addColumn('forgotten_seq', whole, required)
    .execute();

  await numbered('sessions', 'position')
    .addColumn('id', 'text', unique)
    .addColumn('title', 'text', required)
    .addColumn('description', 'text')
    .addColumn('status', 'text', required)
    .addColumn('created_at', whole, required)
    .addColumn('updated_at', whole, required)
    .addColumn('activity', 'text', required)
    .addColumn('version', whole, required)
    .execute();
  await db.schema
    .createIndex('sessions_by_update')
    .on('sessions')
    .columns(['updated_at', 'position'])
    .execute();

  await numbered('messages', 'position')
    .addColumn('id', 'text', unique)
    .addColumn('session_id', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('content', 'text', required)
    .addColumn('tool_call_id', 'text')
    .addColumn('name', 'text')
    .addColumn('created_at', whole, required)
    .execute();
  await db.schema
    .createIndex('messages_of_session')
    .on('messages')
    .columns(['session_id', 'position'])
    .execute();

  await numbered('message_pieces', 'position')
    .addColumn('session_id', 'text', required)
    .addColumn('message_id', 'text', required)
    .addColumn('offset_units', whole, required)
    .addColumn('text', 'text', required)
    .execute();
  await db.schema
    .createIndex('message_pieces_of_message')
    .on('message_pieces')
    .columns(['session_id', 'message_id', 'position'])
    .execute();

  await numbered('turns', 'position')
    .addColumn('id', 'text', unique)
    .addColumn('session_id', 'text', required)
    .addColumn('prompt_id', 'text', required)
    .addColumn('answer_id', 'text', required)
    .addColumn('failure_id', 'text', required)
    .addColumn('trace_id', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('step', whole, required)
    .addColumn('reason', 'text')
    .addColumn('queued_at', whole, required)
    .addColumn('ended_at', whole)
    .execute();
  await db.schema.createIndex('turns_of_session').on('turns').columns(['session_id', 'position']).execute();
  await db.schema.createIndex('turns_by_status').on('turns').columns(['status', 'position']).execute();

  await numbered('tool_calls', 'position')
    .addColumn('id', 'text', unique)
    .addColumn('session_id', 'text', required)
    .addColumn('turn_id', 'text', required)
    .addColumn('model_call_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('arguments', 'text', required)
    .addColumn('result', 'text')
    .addColumn('agent_id', 'text')
    .addColumn('started_at', whole, required)
    .addColumn('ended_at', whole)
    .execute();
  await db.schema
    .createIndex('tool_calls_of_turn')
    .on('tool_calls')
    .columns(['turn_id', 'position'])
    .execute();
  await db.schema.createIndex('tool_calls_of_session').on('tool_calls').column('session_id').execute();

  await numbered('traces', 'position')
    .addColumn('id', 'text', unique)
    .addColumn('session_id', 'text')
    .addColumn('name', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('duration_ms', whole)
    .addColumn('metadata', 'text')
    .addColumn('created_at', whole, required)
    .addColumn('updated_at', whole, required)
    .execute();
  await db.schema
    .createIndex('traces_by_creation')
    .on('traces')
    .columns(['created_at', 'position'])
    .execute();

  await db.schema
    .createTable('runtime_config')
    .addColumn('id', 'integer', (definition) => definition.primaryKey())
    .addColumn('data', 'text', required)
    .addColumn('updated_at', whole, required)
    .execute();

  await db.schema
    .createTable('commands')
    .addColumn('key', 'text', (definition) => definition.primaryKey().notNull())
    .addColumn('fingerprint', 'text', required)
    .addColumn('result', 'text', required)
    .addColumn('at', whole, required)
    .execute();
  await db.schema.createIndex('commands_by_time').on('commands').column('at').execute();

  await db.schema
    .createTable('journal_batches')
    .addColumn('writer', 'text', required)
    .addColumn('batch', whole, required)
    .addColumn('events', whole, required)
    .addColumn('after_seq', whole, required)
    .addColumn('at', whole, required)
    .addPrimaryKeyConstraint('journal_batches_pkey', ['writer', 'batch'])
    .execute();
}
