/** What led to an event, for replays: `tables.ts` says what the column means. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').addColumn('cause', 'text').execute();
}
