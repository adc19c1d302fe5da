/** The history of the runtime config, and the spans of traces: `tables.ts` explains the tables. */
import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from 'kysely';

const required = (column: ColumnDefinitionBuilder) => column.notNull();

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const whole: ColumnDataType = postgres ? 'bigint' : 'integer';
  const numbered = (name: string) =>
    db.schema
      .createTable(name)
      .addColumn('position', whole, (definition) =>
        postgres
          ? definition.generatedByDefaultAsIdentity().primaryKey()
          : definition.primaryKey().autoIncrement().notNull(),
      );

  await numbered('config_changes')
    .addColumn('id', 'text', (definition) => definition.notNull().unique())
    .addColumn('changed_by', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('changes', 'text', required)
    .addColumn('at', whole, required)
    .execute();

  await db.schema.alterTable('traces').addColumn('origin', 'text').execute();
  await db.schema
    .createIndex('traces_of_session')
    .on('traces')
    .columns(['session_id', 'created_at', 'position'])
    .execute();
  await db.schema
    .createIndex('traces_by_end')
    .on('traces')
    .columns(['status', 'updated_at', 'position'])
    .execute();

  await numbered('trace_spans')
    .addColumn('trace_id', 'text', required)
    .addColumn('id', 'text', required)
    .addColumn('parent_id', 'text')
    .addColumn('name', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('started_at', whole, required)
    .addColumn('ended_at', whole, required)
    .addColumn('attributes', 'text', required)
    .addUniqueConstraint('trace_spans_of_trace', ['trace_id', 'id'])
    .execute();
  await db.schema
    .createIndex('trace_spans_in_order')
    .on('trace_spans')
    .columns(['trace_id', 'position'])
    .execute();
}
