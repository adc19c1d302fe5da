/** A store from before bytes were counted: what its sessions hold counts from now on. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { SessionId } from '../../../../schema/ids.ts';
import { participantIdSchema } from '../../../../schema/participant.ts';
import { newId } from '../../../contract/sample-entries.ts';
import { migrateTo, oldStores } from './old-store.ts';

it.each(oldStores)(
  '[LIM31] sessions and files of an old store on %s count for their owner',
  async (dialect, open) => {
    const old = await open();
    await migrateTo('0021-api-keys', old.db, dialect);
    const [id, empty] = [newId<SessionId>(), newId<SessionId>()];
    for (const session of [id, empty]) {
      await sql`insert into sessions (id, title, status, created_at, updated_at, activity, version, auto_title)
      values (${session}, 't', 'active', 1, 1, 'idle', 1, 0)`.execute(old.db);
      await sql`insert into session_owners (session_id, owner) values (${session}, 'key:anna')`.execute(
        old.db,
      );
    }
    await sql`insert into messages (id, session_id, role, content, edited, status, created_at)
    values (${newId()}, ${id}, 'user', 'éé', 0, 'complete', 1)`.execute(old.db);
    await sql`insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, step, needs_approval, arguments,
      result, started_at)
    values (${newId()}, ${id}, ${newId()}, '', 'echo', 'completed', 1, 0, '{}', 'abc', 1)`.execute(old.db);
    await sql`insert into files (id, name, type, bytes, sha256, created_at, owner)
    values (${newId()}, 'f', 't', 1000, 's', 1, 'key:anna')`.execute(old.db);
    await old.db.destroy();
    const { readModel, close } = await old.open();
    const owner = participantIdSchema.parse('key:anna');
    expect(await readModel.storedBytes({ owner, tenant: null })).toBe(
      2 * 512 + (512 + 4) + (2 * 512 + 5) + 1000,
    );
    expect(await readModel.storedBytes({ owner, tenant: 'shop' })).toBe(0);
    await close();
    await old.remove();
  },
);
