/** Whose traces of no session are: `tables.ts` explains the columns. Those from before are nobody's. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('traces').addColumn('owner', 'text').execute();
  await db.schema.alterTable('traces').addColumn('tenant', 'text').execute();
  await db.schema
    .createIndex('traces_without_session')
    .on('traces')
    .columns(['tenant', 'owner'])
    .where(sql.ref('session_id'), 'is', null)
    .execute();
}
