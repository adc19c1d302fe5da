/** A store from before sessions had owners: its sessions are nobody's. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { SessionId } from '../../../../schema/ids.ts';
import { local } from '../../../../schema/principal.ts';
import { newId } from '../../../contract/sample-entries.ts';
import { migrateTo, oldStores } from './old-store.ts';

it.each(oldStores)(
  '[OWN4] a session of an old store on %s has neither owner nor tenant',
  async (dialect, open) => {
    const old = await open();
    await migrateTo('0016-principals', old.db, dialect);
    const id = newId<SessionId>();
    await sql`insert into sessions (id, title, status, created_at, updated_at, activity, version)
      values (${id}, 't', 'active', 1, 1, 'idle', 1)`.execute(old.db);
    await old.db.destroy();
    const { readModel, close } = await old.open();
    expect(await readModel.sessionAccess(id)).toEqual({ owner: null, tenant: null, members: new Map() });
    const listed = async (all: boolean, tenant: string | null) =>
      (await readModel.sessions({ limit: 9 }, { principal: local.id, all, tenant, only: null })).map(
        (one) => one.id,
      );
    expect(await listed(true, null)).toEqual([id]);
    expect(await listed(false, null)).toEqual([]);
    expect(await listed(true, 'shop')).toEqual([]);
    await close();
    await old.remove();
  },
);
