/** A store from before messages had authors: its messages are read as ever, and new ones have authors. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { MessageId, SessionId } from '../../../../schema/ids.ts';
import { participantIdSchema } from '../../../../schema/participant.ts';
import { entry, message, newId } from '../../../contract/sample-entries.ts';
import { migrateTo, oldStores } from './old-store.ts';

it.each(oldStores)(
  '[WHO5] nobody is the author of a message of an old store on %s',
  async (dialect, open) => {
    const old = await open();
    await migrateTo('0024-owners-in-sessions', old.db, dialect);
    const [session, said] = [newId<SessionId>(), newId<MessageId>()];
    await sql`insert into sessions (id, title, status, created_at, updated_at, activity, version, auto_title)
    values (${session}, 't', 'active', 1, 1, 'idle', 1, 0)`.execute(old.db);
    await sql`insert into messages (id, session_id, role, content, created_at)
    values (${said}, ${session}, 'user', 'Said long ago', 1)`.execute(old.db);
    // The process died before the migration was noted; PostgreSQL undoes it then.
    if (dialect === 'SQLite') {
      await migrateTo('0025-message-authors', old.db, dialect);
      await sql`delete from kysely_migration where name >= '0025'`.execute(old.db);
    }
    await old.db.destroy();
    const { readModel, journal, close } = await old.open();
    const before = await readModel.message(session, said);
    expect(before).toMatchObject({ content: 'Said long ago' });
    expect(before).not.toHaveProperty('author');
    const author = { id: participantIdSchema.parse('key:ada'), name: 'Ada' };
    const now = message(newId(), session, { author });
    await journal.append([entry.messageCreated(now)]);
    expect(await readModel.messages(session, { limit: 9 }, 'all')).toEqual([before, now]);
    await close();
    await old.remove();
  },
);
