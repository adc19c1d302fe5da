/** The namespace of what only the journal keeps of turns is `turn-journal`: `turns` is one that clients can subscribe to. */
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

export async function up(db: Kysely<Tables>): Promise<void> {
  await db
    .updateTable('events')
    .set({ namespace: 'turn-journal' })
    .where('namespace', '=', 'turns')
    .execute();
}
