/**
 * Goal: a store from before messages were a tree goes on as one ([TREE31]). Method: a store is brought to the migration
 * before, gets rows as the releases before wrote them, and is opened.
 */
import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { MessageId, SessionId } from '../../../../schema/ids.ts';
import { effort } from '../../../effort.ts';
import { migrateTo, oldStores } from './old-store.ts';

const id = <Id extends string>(text: string): Id => text as Id;
const session = id<SessionId>(randomUUID());

type OldTurn = {
  readonly name: string;
  readonly status: string;
  readonly answer?: string;
  readonly failed?: boolean;
  readonly finishReason?: string;
};

/** The rows of a session as the releases before wrote them; `m` messages, `a` answers, `f` failures. */
function oldRows(turns: readonly OldTurn[]): string[] {
  const rows = [
    `insert into sessions (id, title, status, created_at, updated_at, activity, version)
      values ('${session}', 'Old', 'active', 1, 1, 'idle', 1)`,
  ];
  const say = (message: string, role: string, content: string, finishReason?: string) =>
    rows.push(`insert into messages (id, session_id, role, content, finish_reason, created_at) values
      ('${message}', '${session}', '${role}', '${content}', ${finishReason ? `'${finishReason}'` : 'null'}, 1)`);
  // All questions were asked before the first answer came.
  for (const { name } of turns) say(`m-${name}`, 'user', `Question ${name}`);
  say('note', 'assistant', 'A note');
  for (const { name, status, answer, failed, finishReason } of turns) {
    rows.push(`insert into turns (id, session_id, prompt_id, answer_id, failure_id, trace_id, status, step, queued_at)
      values ('t-${name}', '${session}', 'm-${name}', 'a-${name}', 'f-${name}', 'x-${name}', '${status}', 1, 1)`);
    rows.push(`insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, arguments, started_at)
      values ('c-${name}', '${session}', 't-${name}', 'x', 'clock', 'completed', '{}', 1)`);
    if (answer !== undefined) say(`a-${name}`, 'assistant', answer, finishReason);
    if (failed === true)
      say(`f-${name}`, 'assistant', 'Engine failed to respond. Check server logs for details.');
  }
  return rows;
}

const turns: readonly OldTurn[] = [
  { name: 'done', status: 'completed', answer: 'Whole' },
  { name: 'cut', status: 'completed', answer: 'Cut', finishReason: 'length' },
  { name: 'silent', status: 'failed', failed: true },
  { name: 'broken', status: 'failed', answer: 'Half', failed: true },
  { name: 'cancelled', status: 'cancelled', answer: 'Some' },
  { name: 'never', status: 'cancelled' },
  { name: 'dead', status: 'interrupted', answer: 'Lost' },
  { name: 'running', status: 'running', answer: 'Now' },
  { name: 'waiting', status: 'queued' },
  { name: 'last', status: 'queued' },
];

describe.each(oldStores)('an old store on %s', (dialect, open) => {
  it('[TREE31] becomes one path, with failures as statuses of their answers, and the queue as it was', async () => {
    const old = await open();
    await migrateTo('0005-search', old.db, dialect);
    for (const row of oldRows(turns)) await old.db.executeQuery(CompiledQuery.raw(row));
    await old.db.executeQuery(CompiledQuery.raw('update search_backfill set below = 0'));
    await old.db.destroy();
    const storage = await old.open();
    const { readModel } = storage;
    const listed = await readModel.messages(session, { limit: 100 }, 'current');
    expect(listed.map(({ id, status, content }) => [id, status ?? 'complete', content])).toEqual([
      ['m-done', 'complete', 'Question done'],
      ['a-done', 'complete', 'Whole'],
      ['m-cut', 'complete', 'Question cut'],
      ['a-cut', 'cut-off', 'Cut'],
      ['m-silent', 'complete', 'Question silent'],
      ['f-silent', 'failed', ''],
      ['m-broken', 'complete', 'Question broken'],
      ['a-broken', 'failed', 'Half'],
      ['m-cancelled', 'complete', 'Question cancelled'],
      ['a-cancelled', 'cancelled', 'Some'],
      ['m-never', 'complete', 'Question never'],
      ['m-dead', 'complete', 'Question dead'],
      ['a-dead', 'interrupted', 'Lost'],
      ['m-running', 'complete', 'Question running'],
      ['a-running', 'streaming', 'Now'],
      ['note', 'complete', 'A note'],
      ['m-waiting', 'complete', 'Question waiting'],
      ['m-last', 'complete', 'Question last'],
    ]);
    const path = listed.slice(0, -2);
    expect(path.map(({ parentId }) => parentId)).toEqual([null, ...path.slice(0, -1).map((one) => one.id)]);
    expect(path.flatMap(({ id, promptId }) => (promptId === undefined ? [] : [[id, promptId]]))).toEqual([
      ['a-done', 'm-done'],
      ['a-cut', 'm-cut'],
      ['f-silent', 'm-silent'],
      ['a-broken', 'm-broken'],
      ['a-cancelled', 'm-cancelled'],
      ['a-dead', 'm-dead'],
      ['a-running', 'm-running'],
    ]);
    const stored = await readModel.storedSession(session);
    expect(stored?.session.leafId).toBe('note');
    expect(stored?.waiting.map(({ id }) => id)).toEqual(['m-waiting', 'm-last']);
    expect(stored?.waiting.every(({ parentId }) => parentId === undefined)).toBe(true);
    expect(stored?.turns.map(({ turnId, status, steers }) => [turnId, status, steers])).toEqual([
      ['t-running', 'running', false],
      ['t-waiting', 'queued', false],
      ['t-last', 'queued', false],
    ]);
    expect(stored?.turns.map(({ rank }) => rank).slice(1)).toEqual(
      stored?.waiting.map(({ queueRank }) => queueRank),
    );
    expect((await readModel.toolCall(id('c-silent')))?.answerId).toBe('f-silent');
    expect((await readModel.messages(session, { limit: 100 }, 'all')).map((one) => one.id)).not.toContain(
      'f-broken',
    );
    await storage.close();
    await old.remove();
  });

  it('[TREE31] finds no failure text, and converts many rows in seconds', async () => {
    const old = await open();
    await migrateTo('0005-search', old.db, dialect);
    const postgres = dialect === 'PostgreSQL';
    const numbers = (count: number) =>
      postgres
        ? `select generate_series(1, ${count}) as n`
        : `with recursive series(n) as (select 1 union all select n + 1 from series where n < ${count}) select n from series`;
    const terms = postgres ? `array_to_tsvector(array['engine', 'failed'])` : `'engine failed'`;
    const half = effort === 'full' ? 50_000 : 10_000;
    for (const filling of [
      `insert into sessions (id, title, status, created_at, updated_at, activity, version)
        select 's' || n, 't', 'active', 1, 1, 'idle', 1 from (${numbers(100)}) as numbers`,
      `insert into messages (id, session_id, role, content, created_at)
        select 'm' || n, 's' || (1 + n % 100), 'user', 'Question', 1 from (${numbers(half)}) as numbers`,
      `insert into messages (id, session_id, role, content, created_at)
        select 'f' || n, 's' || (1 + n % 100), 'assistant', 'Engine failed', 1 from (${numbers(half)}) as numbers`,
      `insert into message_terms (rowid, terms) select position, ${terms} from messages where id like 'f%'`,
      `insert into turns (id, session_id, prompt_id, answer_id, failure_id, trace_id, status, step, queued_at)
        select 't' || n, 's' || (1 + n % 100), 'm' || n, 'a' || n, 'f' || n, 'x', 'failed', 1, 1
        from (${numbers(half)}) as numbers`,
    ]) {
      await old.db.executeQuery(CompiledQuery.raw(filling));
    }
    await old.db.destroy();
    const start = performance.now();
    const storage = await old.open();
    const took = performance.now() - start;
    const { readModel } = storage;
    expect(await readModel.findSessions({ q: 'failed', limit: 10 })).toEqual([]);
    const s7 = id<SessionId>('s7');
    const newest = await readModel.messages(s7, { limit: 2 }, 'current');
    expect(newest.map(({ role, status }) => [role, status])).toEqual([
      ['user', undefined],
      ['assistant', 'failed'],
    ]);
    const first = await readModel.messages(
      s7,
      { limit: 1000, before: newest[0]?.id ?? id<MessageId>('') },
      'current',
    );
    expect(first).toHaveLength(half / 50 - 2);
    // Generous: what must not happen is a cost that grows with the square of the rows.
    expect(took).toBeLessThan(60_000);
    await storage.close();
    await old.remove();
  }, 120_000);
});
