/**
 * Goal: lists cost what their page costs, not what their table does ([JRN9]). Method: the read model's own SQL is
 * caught on its way, and the database is asked for its plan on tables of some size.
 */
import { DatabaseSync } from 'node:sqlite';
import { Kysely, type LogEvent, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { ReadModel } from '../../../actors/ports.ts';
import type { MessageId, SessionId, TraceId, TurnId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { KyselyReadModel } from '../../../src/storage/kysely-read-model.ts';
import { postgresTypes } from '../../../src/storage/postgres-types.ts';
import { SqliteFile } from '../../../src/storage/sqlite-database.ts';
import { openPostgresStore, openSqliteStore, postgresIsTested } from '../../contract/journal-backend.ts';

const asId = <Id extends string>(text: string): Id => text as Id;
const before = {
  sessions: asId<SessionId>('s50'),
  messages: asId<MessageId>('m5000'),
  traces: asId<TraceId>('t50'),
};

const reads: Readonly<Record<string, (readModel: ReadModel) => Promise<unknown>>> = {
  'first page of sessions': (model) => model.sessions({ limit: 20 }),
  'later page of sessions': (model) => model.sessions({ limit: 20, before: before.sessions }),
  session: (model) => model.session(asId('s7')),
  'turns of a session': (model) => model.storedSession(asId('s7')),
  'first page of messages': (model) => model.messages(asId('s7'), { limit: 20 }),
  'later page of messages': (model) => model.messages(asId('s7'), { limit: 20, before: before.messages }),
  message: (model) => model.message(asId('m7')),
  'first page of traces': (model) => model.traces({ limit: 20 }),
  'later page of traces': (model) => model.traces({ limit: 20, before: before.traces }),
  trace: (model) => model.trace(asId('t7')),
  'tool calls of a turn': (model) => model.toolCalls(asId<TurnId>('u7')),
  'sessions with open turns': (model) => model.sessionsWithOpenTurns(),
  'stored answer of a command': (model) => model.completedCommand('k7'),
};

/** 100 sessions of 100 messages and one turn each, 2 of them open; 1,000 traces, tool calls and commands. */
function fillings(numbers: (count: number) => string): string[] {
  return [
    `insert into sessions (id, title, status, created_at, updated_at, activity, version)
      select 's' || n, 't', 'active', n, n, 'idle', 1 from (${numbers(1000)}) as numbers`,
    `insert into messages (id, session_id, role, content, created_at)
      select 'm' || n, 's' || (n % 100), 'user', 'c', n from (${numbers(10_000)}) as numbers`,
    `insert into turns (id, session_id, prompt_id, answer_id, failure_id, trace_id, status, step, queued_at)
      select 'u' || n, 's' || (n % 100), 'p', 'a', 'f', 't', case when n < 3 then 'running' else 'completed' end, 1, n
      from (${numbers(10_000)}) as numbers`,
    `insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, arguments, started_at)
      select 'c' || n, 's' || (n % 100), 'u' || n, 'x', 'clock', 'running', '', n from (${numbers(10_000)}) as numbers`,
    `insert into traces (id, name, status, created_at, updated_at)
      select 't' || n, 'r', 'running', n, n from (${numbers(10_000)}) as numbers`,
    `insert into commands (key, fingerprint, result, at) select 'k' || n, 'f', '1', n from (${numbers(10_000)}) as numbers`,
  ];
}

type Caught = { readonly sql: string; readonly parameters: readonly unknown[] };

async function caught(
  make: (log: (event: LogEvent) => void) => Kysely<Tables>,
  read: (readModel: ReadModel) => Promise<unknown>,
): Promise<Caught[]> {
  const queries: Caught[] = [];
  const db = make((event) => queries.push(event.query));
  await read(new KyselyReadModel(db));
  await db.destroy();
  expect(queries.length).toBeGreaterThan(0);
  return queries;
}

describe('query plans of SQLite', async () => {
  const store = await openSqliteStore();
  const shell = new DatabaseSync(store.path);
  const numbers = (count: number) =>
    `with recursive series(n) as (select 1 union all select n + 1 from series where n < ${count}) select n from series`;
  for (const filling of fillings(numbers)) shell.exec(filling);
  shell.exec('analyze');

  it.each(Object.entries(reads))('[JRN9] %s: an index, no scan, no sort', async (name, read) => {
    const queries = await caught(
      (log) => new Kysely({ dialect: new SqliteDialect({ database: new SqliteFile(store.path) }), log }),
      read,
    );
    for (const { sql, parameters } of queries) {
      const plan = shell.prepare(`explain query plan ${sql}`).all(...parameters.map(String));
      const steps = plan.map((step) => String(step['detail'])).join('\n');
      expect(steps).toMatch(/USING (COVERING )?INDEX|USING INTEGER PRIMARY KEY/);
      for (const table of ['messages', 'message_pieces', 'piece', 'turns', 'tool_calls', 'commands']) {
        expect(steps).not.toMatch(new RegExp(`SCAN ${table}(?! USING)`));
      }
      // Open turns and the pieces of a page are few; they may be sorted.
      if (!/open turns|messages?$|page of messages/.test(name)) expect(steps).not.toContain('TEMP B-TREE');
    }
  });

  it('closes', async () => {
    shell.close();
    await store.close();
  });
});

describe.runIf(postgresIsTested('query plans of PostgreSQL'))('query plans of PostgreSQL', () => {
  it('[JRN9] every list and look-up uses an index', async () => {
    const store = await openPostgresStore();
    const numbers = (count: number) => `select generate_series(1, ${count}) as n`;
    for (const filling of fillings(numbers)) await store.schema.query(filling);
    await store.schema.query('analyze sessions, messages, turns, tool_calls, traces, commands');
    for (const [name, read] of Object.entries(reads)) {
      const queries = await caught(
        (log) =>
          new Kysely({
            dialect: new PostgresDialect({
              pool: new Pool({ connectionString: store.schema.url, max: 1, types: postgresTypes() }),
            }),
            log,
          }),
        read,
      );
      for (const { sql, parameters } of queries) {
        const plan = await store.schema.query(`explain ${sql}`, parameters);
        const steps = plan.map((step) => String(Reflect.get(step, 'QUERY PLAN'))).join('\n');
        // The table of pieces is empty, so a scan of it costs nothing.
        expect(steps, name).not.toMatch(/Seq Scan on (?!message_pieces)/);
        expect(steps, name).toMatch(/Index/);
      }
    }
    await store.close();
  });
});
