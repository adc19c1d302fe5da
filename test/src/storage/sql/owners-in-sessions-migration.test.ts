/** A store in which only a table of its own said whose sessions are: lists show everybody what they showed before. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { SessionId } from '../../../../schema/ids.ts';
import { participantIdSchema } from '../../../../schema/participant.ts';
import { newId } from '../../../contract/sample-entries.ts';
import { migrateTo, oldStores } from './old-store.ts';

const anna = participantIdSchema.parse('key:anna');

it.each(oldStores)(
  '[OWN5] the sessions of an old store on %s are listed for whom they belong to',
  async (dialect, open) => {
    const old = await open();
    await migrateTo('0023-trace-owners', old.db, dialect);
    const [own, walled, nobodys] = [newId<SessionId>(), newId<SessionId>(), newId<SessionId>()];
    for (const [index, id] of [own, walled, nobodys].entries()) {
      await sql`insert into sessions (id, title, status, created_at, updated_at, activity, version, auto_title)
        values (${id}, 't', 'active', 1, ${index}, 'idle', 1, 0)`.execute(old.db);
    }
    await sql`insert into session_owners (session_id, owner, tenant)
      values (${own}, ${anna}, null), (${walled}, ${anna}, 'shop'), (${newId()}, ${anna}, null)`.execute(
      old.db,
    );
    // The process died before the migration was noted; PostgreSQL undoes it then.
    if (dialect === 'SQLite') {
      await migrateTo('0024-owners-in-sessions', old.db, dialect);
      await sql`delete from kysely_migration where name >= '0024'`.execute(old.db);
    }
    await old.db.destroy();
    const { readModel, close } = await old.open();
    const listed = async (all: boolean, tenant: string | null) =>
      (await readModel.sessions({ limit: 9 }, { principal: anna, all, tenant, only: null })).map(
        ({ id }) => id,
      );
    expect(await listed(false, null)).toEqual([own]);
    expect(await listed(false, 'shop')).toEqual([walled]);
    expect(await listed(true, null)).toEqual([nobodys, own]);
    expect(await listed(true, 'shop')).toEqual([walled]);
    expect(await readModel.storedSessions({ owner: anna, tenant: null }, 9)).toBe(1);
    await close();
    await old.remove();
  },
);
