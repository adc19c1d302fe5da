/** Files that tools returned beside their results: `tables.ts` explains the column. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tool_calls').addColumn('files', 'text').execute();
}
