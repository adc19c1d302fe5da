/** Answers that did not reach their end say so: `tables.ts` says what the column means. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('messages').addColumn('finish_reason', 'text').execute();
}
