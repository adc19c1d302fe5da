/** Secrets that the server makes itself and keeps in its store, so that they are the same after a restart. */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../../../schema/storage/tables.ts';

/** The secret of this name; a new store gets one. Rejects with the database's own error. */
export async function serverSecret(db: Kysely<Tables>, name: string): Promise<string> {
  await db
    .insertInto('server_secrets')
    .values({ name, value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await db
    .selectFrom('server_secrets')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return value;
}
