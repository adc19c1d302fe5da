/** The key of which the secrets of registered tools are made; a new store gets its own. */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../../../schema/storage/tables.ts';

/** Resolves with 32 bytes, always the same of one store. Rejects with the database's own error. */
export async function openToolSecretKey(db: Kysely<Tables>): Promise<Uint8Array> {
  await db
    .insertInto('tool_secret_keys')
    .values({ id: 1, key: randomBytes(32).toString('base64') })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { key } = await db
    .selectFrom('tool_secret_keys')
    .select('key')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  return Buffer.from(key, 'base64');
}
