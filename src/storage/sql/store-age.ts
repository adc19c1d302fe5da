/** When the store was made. */
import type { Kysely } from 'kysely';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

/** Kysely's migrator notes when each migration ran, as ISO 8601; the first one made the store, however old it is. */
export async function storeCreatedAt(db: Kysely<Tables>): Promise<Milliseconds> {
  const first = await db
    .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
    .selectFrom('kysely_migration')
    .select('timestamp')
    .where('name', '=', '0001-initial')
    .executeTakeFirstOrThrow();
  return Date.parse(first.timestamp);
}
