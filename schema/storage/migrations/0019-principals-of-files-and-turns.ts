/** Whose files are, and what the sender of a turn's question was allowed: `tables.ts` explains the columns. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('files').addColumn('owner', 'text').execute();
  await db.schema.alterTable('files').addColumn('tenant', 'text').execute();
  await db.schema.alterTable('turns').addColumn('scopes', 'text').execute();
}
