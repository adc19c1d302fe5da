/** Layouts belong to principals, which are called `local` or `key:<id>` from now on. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`update preferences set owner = 'key:' || owner where owner <> 'everybody'`.execute(db);
  await sql`update preferences set owner = 'local' where owner = 'everybody'`.execute(db);
}
