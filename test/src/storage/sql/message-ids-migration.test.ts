/**
 * Goal: a store whose message ids were unique in all of it goes on with ids that are unique in their session ([JRN27]).
 * Method: a store is brought to the migration before, gets rows as the releases before wrote them, and is opened.
 */
import { randomUUID } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { FileId, MessageId, SessionId, ToolCallId } from '../../../../schema/ids.ts';
import { entry, message, session } from '../../../contract/sample-entries.ts';
import { migrateTo, oldStores } from './old-store.ts';

const id = <Id extends string>(): Id => randomUUID() as Id;

describe.each(oldStores)('an old store on %s', (dialect, open) => {
  it('[JRN27] keeps messages, what they are found by, files, turns and deletions; then ids are free in other sessions', async () => {
    const old = await open();
    await migrateTo('0017-session-owners', old.db, dialect);
    const [mine, theirs] = [id<SessionId>(), id<SessionId>()];
    const [gone, question, answer, waits] = [
      id<MessageId>(),
      id<MessageId>(),
      id<MessageId>(),
      id<MessageId>(),
    ];
    const [file, call] = [id<FileId>(), id<ToolCallId>()];
    const terms = (word: string) =>
      dialect === 'PostgreSQL' ? `array_to_tsvector(array['${word}'])` : `'${word}'`;
    for (const row of [
      `insert into sessions (id, title, status, created_at, updated_at, activity, version, leaf_id)
        values ('${mine}', 'Old', 'active', 1, 1, 'idle', 1, '${answer}')`,
      // A gap before the first position: where a message stands must not change.
      `insert into messages (id, session_id, role, content, created_at)
        values ('${id()}', '${mine}', 'user', 'never', 1), ('${id()}', '${mine}', 'user', 'never', 1)`,
      `insert into messages (id, session_id, role, content, parent_id, edited, created_at)
        values ('${question}', '${mine}', 'user', 'zanzibar?', null, 1, 1)`,
      `insert into messages (id, session_id, role, content, parent_id, prompt_id, status, model, usage, created_at)
        values ('${answer}', '${mine}', 'assistant', '', '${question}', '${question}', 'streaming', 'small',
        '{"inputTokens":3}', 2)`,
      `insert into messages (id, session_id, role, content, queue_rank, created_at)
        values ('${waits}', '${mine}', 'user', 'later', 7, 3)`,
      `delete from messages where content = 'never'`,
      `insert into message_terms (rowid, terms)
        select position, ${terms('zanzibar')} from messages where id = '${question}'`,
      `insert into message_pieces (session_id, message_id, offset_units, text) values ('${mine}', '${answer}', 0, 'an ')`,
      `insert into message_pieces (session_id, message_id, offset_units, text) values ('${mine}', '${answer}', 3, 'island')`,
      `insert into deleted_messages (id, session_id) values ('${gone}', '${mine}')`,
      `insert into files (id, name, type, bytes, sha256, created_at) values ('${file}', 'a', 'text/plain', 1, 'x', 1)`,
      `insert into file_references (file_id, message_id, session_id) values ('${file}', '${question}', '${mine}')`,
      `insert into turns (id, session_id, prompt_id, answer_id, trace_id, status, step, queued_at)
        values ('t', '${mine}', '${question}', '${answer}', 'x', 'running', 1, 1)`,
      `insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, arguments, started_at)
        values ('${call}', '${mine}', 't', 'x', 'clock', 'running', '{}', 1)`,
    ]) {
      await old.db.executeQuery(CompiledQuery.raw(row));
    }
    const positions = async (db: typeof old.db) =>
      (await db.selectFrom('messages').select(['id', 'position']).orderBy('position').execute()).map(
        (row) => [row.id, Number(row.position)],
      );
    const before = await positions(old.db);
    // Another migration may have given the table a column and an index meanwhile.
    await sql`alter table messages add column other text default 'it''s'`.execute(old.db);
    await sql`create index messages_by_other on messages (other)`.execute(old.db);
    await migrateTo('0020-message-ids-of-sessions', old.db, dialect);
    expect(await positions(old.db)).toEqual(before);
    const { rows } = await sql<{ other: string }>`select other from messages`.execute(old.db);
    expect(rows.map((row) => row.other)).toEqual(["it's", "it's", "it's"]);
    await sql`drop index messages_by_other`.execute(old.db);
    await sql`alter table messages drop column other`.execute(old.db);
    // The process died before the migration was noted; PostgreSQL undoes it then.
    if (dialect === 'SQLite') await sql`delete from kysely_migration where name >= '0020'`.execute(old.db);
    await old.db.destroy();

    const storage = await old.open();
    const { readModel, files, journal } = storage;
    const whole = async () => ({
      all: await readModel.messages(mine, { limit: 9 }, 'all'),
      current: (await readModel.messages(mine, { limit: 9 }, 'current')).map((one) => one.id),
      stored: await readModel.storedSession(mine),
      found: await readModel.findSessions({ q: 'zanzibar', limit: 9 }),
      calls: await readModel.sessionToolCalls(mine, { limit: 9 }),
      kept: await files.unreferenced({ after: 0, limit: 9, storedBefore: 9 }),
      deleted: await readModel.isDeletedMessage(mine, gone),
    });
    const stored = await whole();
    expect(stored.all).toMatchObject([
      { id: question, content: 'zanzibar?', edited: true, parentId: null },
      { id: answer, content: 'an island', status: 'streaming', model: 'small', usage: { inputTokens: 3 } },
      { id: waits, content: 'later', queueRank: 7 },
    ]);
    expect(stored).toMatchObject({
      current: [question, answer, waits],
      stored: { turns: [{ turnId: 't' }], waiting: [{ id: waits }] },
      found: [{ id: mine, snippets: [{ messageId: question, text: 'zanzibar?' }] }],
      calls: [{ id: call, answerId: answer }],
      kept: { ids: [] },
      deleted: true,
    });

    const same = [question, answer, gone].map((one) => message(one, theirs, { content: 'theirs' }));
    await journal.append([entry.sessionCreated(session(theirs)), ...same.map(entry.messageCreated)]);
    expect(await readModel.messages(theirs, { limit: 9 }, 'all')).toEqual(same);
    expect(await whole()).toEqual(stored);
    await journal.append(same.map((one) => entry.messageDeleted(theirs, one.id)));
    expect(await readModel.messages(theirs, { limit: 9 }, 'all')).toEqual([]);
    expect(await whole()).toEqual(stored);
    await storage.close();
    await old.remove();
  }, 60_000);
});
