/**
 * Goal: the cost of a list depends on its page, and that of reading the event log on what it returns, not on the size
 * of their tables ([JRN9], [JRN19]). Method: records the SQL of the read model and of the event log, and asks the
 * database for its plan on tables of some size.
 */
import { DatabaseSync } from 'node:sqlite';
import { Kysely, type LogEvent, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { EventLog, ReadModel } from '../../../../actors/ports.ts';
import type { MessageId, SessionId, TraceId, TurnId } from '../../../../schema/ids.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { epochSchema } from '../../../../schema/wire/cursor.ts';
import { wireNamespaces } from '../../../../schema/wire-event-table.ts';
import { postgresTypes } from '../../../../src/storage/postgres/postgres-types.ts';
import { KyselyEventLog } from '../../../../src/storage/sql/kysely-event-log.ts';
import { KyselyReadModel } from '../../../../src/storage/sql/kysely-read-model.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import {
  openPostgresStore,
  openSqliteStore,
  type PostgresSchema,
  postgresIsTested,
} from '../../../contract/journal-backend.ts';

const asId = <Id extends string>(text: string): Id => text as Id;
const epoch = epochSchema.parse('6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11');
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
  'first page of messages': (model) => model.messages(asId('s7'), { limit: 20 }, 'all'),
  'later page of messages': (model) =>
    model.messages(asId('s7'), { limit: 20, before: before.messages }, 'all'),
  'first page of messages of a branch': (model) => model.messages(asId('s7'), { limit: 20 }, 'current'),
  'later page of messages of a branch': (model) =>
    model.messages(asId('s7'), { limit: 20, before: asId('m5007') }, 'current'),
  'page of messages that wait': (model) =>
    model.messages(asId('s7'), { limit: 20, before: asId('m10007') }, 'current'),
  'conversation up to a message': (model) =>
    model.conversation({
      sessionId: asId('s7'),
      promptId: asId('m5007'),
      answerId: asId('a5007'),
      limit: 20,
    }),
  'place of a message': (model) => model.place(asId('s7'), asId('m5007')),
  'place of a message that waits': (model) => model.place(asId('s7'), asId('m10007')),
  'copy of a message': (model) => model.copyOf(asId('s7'), asId('m107')),
  message: (model) => model.message(asId('s7'), asId('m7')),
  'first page of traces': (model) => model.traces({ limit: 20 }),
  'later page of traces': (model) => model.traces({ limit: 20, before: before.traces }),
  trace: (model) => model.trace(asId('t7')),
  'tool calls of a turn': (model) => model.toolCalls(asId<TurnId>('u7')),
  'runs of a session': (model) => model.sessionRuns(asId('s7'), { limit: 20 }),
  'tool call': (model) => model.toolCall(asId('c7')),
  'first page of tool calls': (model) => model.sessionToolCalls(asId('s7'), { limit: 20 }),
  'later page of tool calls': (model) =>
    model.sessionToolCalls(asId('s7'), { limit: 20, before: asId('c5007') }),
  'length of the history': (model) => model.historySize(asId('s7')),
  'tool calls that wait': (model) => model.toolCallsWith('awaitingApproval', { limit: 20 }),
  'later page of tool calls that wait': (model) =>
    model.toolCallsWith('awaitingApproval', { limit: 20, before: asId('c5007') }),
  'archived sessions': (model) => model.findSessions({ status: 'archived', limit: 20 }),
  'busy sessions': (model) => model.findSessions({ activity: 'thinking', limit: 20 }),
  'sessions of a time': (model) => model.findSessions({ updatedAfter: 400, updatedBefore: 500, limit: 20 }),
  'participants of a session': (model) => model.participants(asId('s7')),
  'found by participant': (model) => model.findSessions({ participant: asId('p7'), limit: 20 }),
  'found by agent': (model) => model.findSessions({ agent: asId('p7'), limit: 20 }),
  'steps of a turn': (model) => model.turnSteps(asId<TurnId>('u7')),
  layout: (model) => model.layout('o7'),
  'sessions with open turns': (model) => model.sessionsWithOpenTurns(),
  'traces of a session': (model) => model.traces({ limit: 20 }, asId('s7')),
  'later page of the traces of a session': (model) =>
    model.traces({ limit: 20, before: asId<TraceId>('t507') }, asId('s7')),
  'spans of a trace': (model) => model.spans(asId<TraceId>('t7'), { limit: 20 }),
  'later page of spans': (model) => model.spans(asId<TraceId>('t7'), { limit: 20, after: asId('p507') }),
  'spans with ids': (model) => model.spansWith(asId<TraceId>('t7'), [asId('p7'), asId('p107')]),
  'how many spans': (model) => model.spanCount(asId<TraceId>('t7')),
  'ended traces': (model) => model.endedTraces({ before: 500, limit: 20 }),
  'later page of the history of the config': (model) =>
    model.configHistory({ limit: 20, before: asId('h50') }),
  'stored answer of a command': (model) => model.completedCommand('k7'),
};

const logReads: Readonly<Record<string, (log: EventLog) => Promise<unknown>>> = {
  'all namespaces': (log) => log.read({ after: 5000, limit: 200, namespaces: wireNamespaces }),
  'one namespace': (log) => log.read({ after: 5000, limit: 200, namespaces: ['config'] }),
  'a session': (log) =>
    log.read({ after: 5000, limit: 200, namespaces: wireNamespaces, sessionId: asId('s7') }),
  'a session in one namespace': (log) =>
    log.read({ after: 5000, limit: 200, namespaces: ['tools'], sessionId: asId('s7') }),
  range: (log) => log.range(),
};

/** 20,000 events, one in four on the wire, of five namespaces. 100 sessions of 100 messages and one turn each, 2 of them open; 1,000 traces, tool calls and commands. */
function fillings(numbers: (count: number) => string): string[] {
  return [
    `insert into events (session_id, namespace, event, data, at)
      select 's' || (n % 97), case n % 20 when 0 then 'chat-sessions' when 4 then 'chat-messages' when 8 then 'traces'
        when 12 then 'config' when 16 then 'tools' else 'turn-journal' end, 'e', '{}', n
      from (${numbers(20_000)}) as numbers`,
    `insert into sessions (id, title, status, created_at, updated_at, activity, version)
      select 's' || n, 't', 'active', n, n, 'idle', 1 from (${numbers(1000)}) as numbers`,
    `insert into messages (id, session_id, role, content, parent_id, created_at)
      select 'm' || n, 's' || (n % 100), 'user', 'c', case when n > 100 then 'm' || (n - 100) end, n
      from (${numbers(10_000)}) as numbers`,
    `insert into participants (session_id, participant_id, role, created_at, updated_at)
      select 's' || n, 'p' || (n % 200), case n % 3 when 0 then 'agent' else 'owner' end, n, n
      from (${numbers(1000)}) as numbers`,
    `insert into participants (session_id, participant_id, role, created_at, updated_at)
      select 's' || n, 'everybody', 'observer', n, n from (${numbers(1000)}) as numbers`,
    `update sessions set leaf_id = (select id from messages where session_id = sessions.id
      order by position desc limit 1)`,
    `insert into messages (id, session_id, role, content, queue_rank, created_at)
      select 'm' || (10000 + n), 's' || n, 'user', 'c', n, n from (${numbers(100)}) as numbers`,
    `insert into turns (id, session_id, prompt_id, answer_id, trace_id, status, step, queued_at)
      select 'u' || n, 's' || (n % 100), 'm' || n, 'a' || n, 't', case when n < 3 then 'running' else 'completed' end, 1, n
      from (${numbers(10_000)}) as numbers`,
    `insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, arguments, started_at)
      select 'c' || n, 's' || (n % 100), 'u' || n, 'x', 'clock', 'running', '', n from (${numbers(10_000)}) as numbers`,
    `insert into turn_steps (session_id, turn_id, step, data)
      select 's' || (n % 100), 'u' || n, 1, '{}' from (${numbers(10_000)}) as numbers`,
    `insert into traces (id, session_id, name, status, created_at, updated_at)
      select 't' || n, 's' || (n % 100), 'r', case n % 50 when 0 then 'completed' else 'running' end, n, n from (${numbers(10_000)}) as numbers`,
    `insert into trace_spans (trace_id, id, name, status, started_at, ended_at, attributes)
      select 't' || (n % 100), 'p' || n, 'work', 'ok', n, n, '{}' from (${numbers(10_000)}) as numbers`,
    `insert into config_changes (id, changed_by, kind, changes, at)
      select 'h' || n, 'o', 'flag', '[]', n from (${numbers(10_000)}) as numbers`,
    `insert into commands (key, fingerprint, result, at) select 'k' || n, 'f', '1', n from (${numbers(10_000)}) as numbers`,
  ];
}

type Caught = { readonly sql: string; readonly parameters: readonly unknown[] };

async function caught(
  make: (log: (event: LogEvent) => void) => Kysely<Tables>,
  read: (db: Kysely<Tables>) => Promise<unknown>,
): Promise<Caught[]> {
  const queries: Caught[] = [];
  const db = make((event) => queries.push(event.query));
  await read(db);
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
      (log) =>
        new Kysely({
          dialect: new SqliteDialect({ database: new SqliteFile(sqliteDatabaseOptions(store.path)) }),
          log,
        }),
      (db) => read(new KyselyReadModel(db)),
    );
    for (const { sql, parameters } of queries) {
      const plan = shell.prepare(`explain query plan ${sql}`).all(...parameters.map(String));
      const steps = plan.map((step) => String(step['detail'])).join('\n');
      expect(steps).toMatch(/USING (COVERING )?INDEX|USING INTEGER PRIMARY KEY/);
      for (const table of [
        ...['messages', 'message_pieces', 'piece', 'turns', 'tool_calls', 'commands'],
        ...['sessions', 'participants'],
      ]) {
        expect(steps).not.toMatch(new RegExp(`SCAN ${table}(?! USING)`));
      }
      // Open turns, and the rows that belong to a page, are few; they may be sorted.
      // So are the sessions and the participants that were found by an index.
      if (!/turns|runs|waits$|messages?$|page of messages|participant|agent/.test(name))
        expect(steps).not.toContain('TEMP B-TREE');
    }
  });

  it.each(Object.entries(logReads))('[JRN19] event log, %s: an index from the seq on', async (name, read) => {
    const queries = await caught(
      (log) =>
        new Kysely({
          dialect: new SqliteDialect({ database: new SqliteFile(sqliteDatabaseOptions(store.path)) }),
          log,
        }),
      (db) => read(new KyselyEventLog(db, epoch)),
    );
    for (const { sql, parameters } of queries) {
      const plan = shell
        .prepare(`explain query plan ${sql}`)
        .all(...parameters.map((value) => (typeof value === 'number' ? value : String(value))));
      const steps = plan.map((step) => String(step['detail'])).join('\n');
      if (name === 'range') {
        // `SEARCH` without a constraint: SQLite reads only the last row of the table.
        expect(steps).not.toContain('SCAN');
        continue;
      }
      expect(steps).toMatch(/INDEX events_of_\w+ \((session_id|namespace)=\? AND seq>\?\)/);
      expect(steps).not.toContain('SCAN');
      expect(steps).not.toContain('TEMP B-TREE');
    }
  });

  it('closes', async () => {
    shell.close();
    await store.close();
  });
});

const connectTo = (url: string) => (log: (event: LogEvent) => void) =>
  new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: new Pool({ connectionString: url, max: 1, types: postgresTypes() }),
    }),
    log,
  });

async function planOf(schema: PostgresSchema, { sql, parameters }: Caught): Promise<string> {
  const plan = await schema.query(`explain ${sql}`, parameters);
  return plan.map((step) => String(Reflect.get(step, 'QUERY PLAN'))).join('\n');
}

describe.runIf(postgresIsTested('query plans of PostgreSQL'))('query plans of PostgreSQL', () => {
  it('[JRN27] finds a message by its id and session where most sessions are short, too', async () => {
    const store = await openPostgresStore();
    await store.schema.query(`insert into sessions (id, title, status, created_at, updated_at, activity, version, leaf_id)
      select 's' || n, 't', 'active', n, n, 'idle', 1, 'm7' from generate_series(1, 3000) as n`);
    await store.schema.query(`insert into messages (id, session_id, role, content, parent_id, created_at)
      select 'm7', 's' || n, 'user', 'c', 'm6', n from generate_series(1, 3000) as n`);
    await store.schema.query('analyze sessions, messages');
    for (const name of ['message', 'first page of messages of a branch', 'length of the history']) {
      const read = reads[name] ?? (() => Promise.reject(new Error(`there is no read of ${name}`)));
      for (const query of await caught(connectTo(store.schema.url), (db) => read(new KyselyReadModel(db)))) {
        const steps = await planOf(store.schema, query);
        if (!/ on messages/.test(steps)) continue;
        expect(steps, name).toMatch(/Index Scan using messages_of_id .*\n.*Index Cond: .*session_id/);
        expect(steps, name).not.toMatch(/messages_of_(session|parent)/);
      }
    }
    await store.close();
  });

  it('[JRN9] [JRN19] every list, look-up and read of the event log uses an index', async () => {
    const store = await openPostgresStore();
    const numbers = (count: number) => `select generate_series(1, ${count}) as n`;
    for (const filling of fillings(numbers)) await store.schema.query(filling);
    await store.schema.query(
      'analyze events, sessions, messages, turns, turn_steps, tool_calls, traces, commands, participants',
    );
    const connect = connectTo(store.schema.url);
    for (const [name, read] of Object.entries(reads)) {
      for (const query of await caught(connect, (db) => read(new KyselyReadModel(db)))) {
        const steps = await planOf(store.schema, query);
        // The table of pieces is empty, so a scan of it costs nothing.
        expect(steps, name).not.toMatch(/Seq Scan on (?!message_pieces)/);
        expect(steps, name).toMatch(/Index/);
      }
    }
    for (const [name, read] of Object.entries(logReads)) {
      for (const query of await caught(connect, (db) => read(new KyselyEventLog(db, epoch)))) {
        const steps = await planOf(store.schema, query);
        // The table of the epoch has one row.
        expect(steps, name).not.toMatch(/Seq Scan on (?!journal_meta)/);
        expect(steps, name).toMatch(/Index/);
        expect(steps, name).not.toMatch(/Filter:.*seq/);
      }
    }
    await store.close();
  });
});
