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
}
