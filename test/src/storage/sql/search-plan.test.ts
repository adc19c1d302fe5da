/**
 * Goal: a search reads the newest matches from the index and looks up nothing else ([SRC10]). Method: as in
 * `query-plan.test.ts`, records the SQL of searches and asks the database for its plan.
 */
import { DatabaseSync } from 'node:sqlite';
import { Kysely, type LogEvent, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { SessionQuery } from '../../../../schema/session-search.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { postgresTypes } from '../../../../src/storage/postgres/postgres-types.ts';
import { KyselyReadModel } from '../../../../src/storage/sql/kysely-read-model.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { openPostgresStore, openSqliteStore, postgresIsTested } from '../../../contract/journal-backend.ts';

const searches: Readonly<Record<string, SessionQuery>> = {
  'a rare word': { q: 'rare77', limit: 20 },
  'two words and a filter': { q: 'word rare7', status: 'archived', limit: 20 },
  'characters without spaces': { q: '中文字', limit: 20 },
};

/** 1,000 sessions and 10,000 messages with a common word, a rare one and a run of characters. */
const fillings = (numbers: (count: number) => string, terms: (text: string) => string) => [
  `insert into sessions (id, title, status, created_at, updated_at, activity, version)
    select 's' || n, 't', 'active', n, n, 'idle', 1 from (${numbers(1000)}) as numbers`,
  `insert into messages (id, session_id, role, content, created_at)
    select 'm' || n, 's' || (1 + n % 1000), 'user', 'c', n from (${numbers(10_000)}) as numbers`,
  `insert into message_terms (rowid, terms)
    select position, ${terms(`'word rare' || position || ' 中文 文字 字'`)} from messages`,
  `insert into title_terms (rowid, terms) select position, ${terms(`'title' || position`)} from sessions`,
];

type Query = { readonly sql: string; readonly parameters: readonly unknown[] };

async function queriesOf(
  make: (log: (event: LogEvent) => void) => Kysely<Tables>,
  search: SessionQuery,
): Promise<Query[]> {
  const queries: Query[] = [];
  const db = make((event) => queries.push(event.query));
  await new KyselyReadModel(db).findSessions(search);
  await db.destroy();
  return queries;
}

describe('plans of a search', () => {
  it.each(Object.entries(searches))('[SRC10] %s on SQLite: the index, then keys', async (_, search) => {
    const store = await openSqliteStore();
    const shell = new DatabaseSync(store.path);
    const numbers = (count: number) =>
      `with recursive series(n) as (select 1 union all select n + 1 from series where n < ${count}) select n from series`;
    for (const filling of fillings(numbers, (text) => text)) shell.exec(filling);
    shell.exec('analyze');
    const queries = await queriesOf(
      (log) =>
        new Kysely({
          dialect: new SqliteDialect({ database: new SqliteFile(sqliteDatabaseOptions(store.path)) }),
          log,
        }),
      search,
    );
    expect(queries.length).toBeGreaterThan(1);
    for (const { sql, parameters } of queries) {
      const plan = shell.prepare(`explain query plan ${sql}`).all(...parameters.map(String));
      const steps = plan.map((step) => String(step['detail']));
      const reads = steps.filter((step) => /SCAN|SEARCH/.test(step) && !/SCAN match$/.test(step));
      for (const step of reads) {
        expect(step).toMatch(/_terms VIRTUAL TABLE INDEX \d+:M|USING INTEGER PRIMARY KEY|USING INDEX/);
      }
      expect(steps.join('\n')).not.toContain('TEMP B-TREE');
    }
    shell.close();
    await store.close();
  });
});

describe.runIf(postgresIsTested('plans of a search on PostgreSQL'))('plans of a search on PostgreSQL', () => {
  it('[SRC10] finds the matches by an index', async () => {
    const store = await openPostgresStore();
    const numbers = (count: number) => `select generate_series(1, ${count}) as n`;
    const terms = (text: string) => `array_to_tsvector(string_to_array(${text}, ' '))`;
    for (const filling of fillings(numbers, terms)) await store.schema.query(filling);
    for (const table of ['message_terms', 'title_terms', 'messages', 'sessions']) {
      await store.schema.query(`vacuum analyze ${table}`);
    }
    const connect = (log: (event: LogEvent) => void) =>
      new Kysely<Tables>({
        dialect: new PostgresDialect({
          pool: new Pool({ connectionString: store.schema.url, max: 1, types: postgresTypes() }),
        }),
        log,
      });
    for (const [name, search] of Object.entries(searches)) {
      for (const { sql, parameters } of await queriesOf(connect, search)) {
        const plan = await store.schema.query(`explain ${sql}`, parameters);
        const steps = plan.map((step) => String(Reflect.get(step, 'QUERY PLAN'))).join('\n');
        expect(steps, name).not.toMatch(/Seq Scan on message_terms/);
        if (sql.includes('message_terms')) expect(steps, name).toMatch(/Index .*message_terms/);
      }
    }
    await store.close();
  });
});
