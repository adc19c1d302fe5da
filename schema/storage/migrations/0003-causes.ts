/** The causes of events, for replays: `tables.ts` explains the column. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').addColumn('cause', 'text').execute();
}
