/**
 * Goal: what a list of sessions costs a principal depends on the page, and what another list costs on its own sessions
 * while those are few, and on the page while they are many, not on how many sessions others have ([OWN5]). Method: as in `query-plan.test.ts`, on 100,000 sessions, with and
 * without what the databases know of their tables after `analyze`.
 */
import { DatabaseSync } from 'node:sqlite';
import { Kysely, type LogEvent, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { ReadModel } from '../../../../actors/ports.ts';
import type { Visibility } from '../../../../schema/authorization.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { participantIdSchema } from '../../../../schema/participant.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { postgresTypes } from '../../../../src/storage/postgres/postgres-types.ts';
import { KyselyReadModel } from '../../../../src/storage/sql/kysely-read-model.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { openPostgresStore, openSqliteStore, postgresIsTested } from '../../../contract/journal-backend.ts';

const rows = 100_000;
const tables = ['sessions', 'session_owners', 'participants', 'traces', 'tool_calls', 'turns'] as const;

/**
 * The first 50 sessions are those of `few`, half of the rest belongs to `many`; `small` is a tenant of 100. In every tenth
 * `everywhere` takes part, which owns none.
 */
const fillings = (numbers: (count: number) => string) => [
  `insert into sessions (id, title, status, created_at, updated_at, activity, version)
    select 's' || n, 't', case n % 10 when 0 then 'archived' else 'active' end, n, n, 'idle', 1
    from (${numbers(rows)}) as numbers`,
  `insert into session_owners (session_id, owner, tenant)
    select 's' || n, case when n <= 50 then 'few' when n % 2 = 0 then 'many' else 'o' || (n % 1000) end,
      case when n % 1000 = 501 then 'small' when n % 3 = 0 and n > 50 then 'large' end
    from (${numbers(rows)}) as numbers`,
  `update sessions set owner = held.owner, tenant = coalesce(held.tenant, '')
    from session_owners as held where held.session_id = sessions.id`,
  `insert into participants (session_id, participant_id, role, created_at, updated_at)
    select 's' || n, case when n % 5000 = 1 then 'few' else 'p' || (n % 1000) end, 'agent', n, n
    from (${numbers(rows)}) as numbers`,
  `insert into participants (session_id, participant_id, role, created_at, updated_at)
    select 's' || n, 'everywhere', 'agent', n, n from (${numbers(rows)}) as numbers where n % 10 = 0`,
  `insert into turns (id, session_id, prompt_id, answer_id, trace_id, status, step, queued_at)
    select 'u' || n, 's' || n, 'm' || n, 'a' || n, 't', case n % 1000 when 3 then 'running' else 'completed' end, 1, n
    from (${numbers(rows)}) as numbers`,
  `insert into tool_calls (id, session_id, turn_id, model_call_id, name, status, arguments, started_at)
    select 'c' || n, 's' || n, 'u' || n, 'x', 'clock', case n % 1000 when 3 then 'running' else 'completed' end, '', n
    from (${numbers(rows)}) as numbers`,
  `insert into traces (id, session_id, name, status, created_at, updated_at)
    select 't' || n, 's' || n, 'r', 'completed', n, n from (${numbers(rows)}) as numbers`,
];

/** The indexes of the lists themselves. */
const ofList = /sessions_by_\w+|traces_by_\w+|tool_calls_by_\w+|turns_by_\w+/;

/** Those among them that do not begin with whose the sessions are. */
const otherLists = /sessions_by_(?!owner|tenant)\w+/;

const asId = <Id extends string>(text: string): Id => text as Id;
const seenBy = (principal: string, tenant: string | null, all: boolean): Visibility => {
  return { principal: participantIdSchema.parse(principal), tenant, all, only: null };
};
const few = {
  'a principal with few': seenBy('few', null, false),
  'a small tenant': seenBy('x', 'small', true),
};
const many = {
  'a principal with many': seenBy('many', null, false),
  'a large tenant': seenBy('x', 'large', true),
  'no tenant': seenBy('x', null, true),
};
const owners = {
  ...{
    'a principal with few': few['a principal with few'],
    'a principal with many': many['a principal with many'],
  },
  'whoever takes part in many': seenBy('everywhere', null, false),
};
const tenants = {
  ...{ 'a small tenant': few['a small tenant'], 'a large tenant': many['a large tenant'] },
  'no tenant': many['no tenant'],
};

type Read = (model: ReadModel, visibleTo: Visibility) => Promise<readonly unknown[]>;

/** One in the midst of what the principal sees. */
function seenSession({ principal, tenant }: Visibility): SessionId {
  if (tenant === 'small') return asId('s98501');
  if (tenant === 'large') return asId('s98502');
  return asId(principal === 'few' ? 's40' : 's98500');
}

const sessionReads: Readonly<Record<string, Read>> = {
  sessions: (model, visibleTo) => model.sessions({ limit: 20 }, visibleTo),
  'a later page of sessions': (model, visibleTo) =>
    model.sessions({ limit: 20, before: seenSession(visibleTo) }, visibleTo),
  'archived sessions': (model, visibleTo) => model.findSessions({ status: 'archived', limit: 20, visibleTo }),
  'sessions that changed lately': (model, visibleTo) =>
    model.findSessions({ updatedAfter: rows - 1000, limit: 20, visibleTo }),
};
const lists: Readonly<Record<string, Read>> = {
  traces: (model, visibleTo) => model.traces({ limit: 20 }, undefined, visibleTo),
  'tool calls': (model, visibleTo) => model.toolCallsWith('completed', { limit: 20 }, visibleTo),
  turns: (model, visibleTo) => model.turnsWith('completed', { limit: 20 }, visibleTo),
};
const open: Readonly<Record<string, Read>> = {
  'busy sessions': (model, visibleTo) => model.findSessions({ activity: 'thinking', limit: 20, visibleTo }),
  'tool calls that run': (model, visibleTo) => model.toolCallsWith('running', { limit: 20 }, visibleTo),
  'turns that run': (model, visibleTo) => model.turnsWith('running', { limit: 20 }, visibleTo),
};

type Caught = { readonly sql: string; readonly parameters: readonly unknown[] };

async function caught(
  make: (log: (event: LogEvent) => void) => Kysely<Tables>,
  read: (model: ReadModel) => Promise<unknown>,
): Promise<Caught[]> {
  const queries: Caught[] = [];
  const db = make((event) => queries.push(event.query));
  await read(new KyselyReadModel(db));
  await db.destroy();
  expect(queries.length).toBeGreaterThan(0);
  return queries;
}

const cases = (visibilities: Readonly<Record<string, Visibility>>, reads: Readonly<Record<string, Read>>) =>
  Object.entries(visibilities).flatMap(([who, visibleTo]) =>
    Object.entries(reads).map(([what, read]) => {
      const of = (model: ReadModel) => read(model, visibleTo);
      return { name: `${what} that ${who} sees`, read: of };
    }),
  );

const byOwn = cases(few, lists);
const byList = [...cases(many, lists), ...cases({ ...few, ...many }, open)];
const ofOwners = cases(owners, sessionReads);
const ofTenants = cases(tenants, sessionReads);
const access = (model: ReadModel) => model.sessionAccess(asId<SessionId>('s7'));

it('[OWN5] few are fewer than are looked at, many are more', () => {
  expect(100).toBeLessThan(limits.visibleSessionsReadMax);
  expect(rows / 4).toBeGreaterThan(limits.visibleSessionsReadMax);
});

describe('plans of lists that a principal sees, on SQLite', async () => {
  const store = await openSqliteStore();
  const shell = new DatabaseSync(store.path);
  const numbers = (count: number) =>
    `with recursive series(n) as (select 1 union all select n + 1 from series where n < ${count}) select n from series`;
  for (const filling of fillings(numbers)) shell.exec(filling);
  const connect = (log: (event: LogEvent) => void) =>
    new Kysely<Tables>({
      dialect: new SqliteDialect({ database: new SqliteFile(sqliteDatabaseOptions(store.path)) }),
      log,
    });
  const plansOf = async (read: (model: ReadModel) => Promise<unknown>) =>
    (await caught(connect, read)).map(({ sql, parameters }) => {
      const values = parameters.map((value) => (typeof value === 'number' ? value : String(value)));
      const plan = shell.prepare(`explain query plan ${sql}`).all(...values);
      const steps = plan.map((step) => String(step['detail']));
      // What was looked up is read from the first to the last.
      const made = steps.flatMap((step) => /^(?:CO-ROUTINE|MATERIALIZE) (\w+)$/.exec(step)?.[1] ?? []);
      return steps.filter((step) => !made.some((name) => step === `SCAN ${name}`));
    });
  const walk = /^SCAN (sessions|traces|call|turns|visible|held|member|session_owners|participants)\b/;

  it.each(['without', 'with'])('[OWN5] %s analyze, few are looked up, many are walked', async (analyzed) => {
    if (analyzed === 'with') shell.exec('analyze');
    for (const { name, read } of byOwn) {
      for (const steps of await plansOf(read)) {
        expect(
          steps.filter((step) => walk.test(step) || ofList.test(step)),
          name,
        ).toEqual([]);
      }
    }
    for (const { name, read } of byList) {
      for (const steps of await plansOf(read)) {
        expect(
          steps.filter((step) => walk.test(step) && !step.includes('USING')),
          name,
        ).toEqual([]);
        expect(steps.join('\n'), name).not.toContain('TEMP B-TREE');
      }
    }
    for (const { name, read } of [...ofOwners, ...ofTenants]) {
      const isOfOwner = ofOwners.some((one) => one.name === name);
      const steps = (await plansOf(read)).flat();
      expect(steps.join('\n'), name).toContain(
        isOfOwner ? 'INDEX sessions_by_owner' : 'INDEX sessions_by_tenant',
      );
      expect(
        steps.filter((step) => walk.test(step) || otherLists.test(step)),
        name,
      ).toEqual([]);
      if (!isOfOwner) expect(steps.join('\n'), name).not.toContain('TEMP B-TREE');
    }
    for (const steps of await plansOf(access)) expect(steps.filter((step) => walk.test(step))).toEqual([]);
  });

  it('closes', async () => {
    shell.close();
    await store.close();
  });
});

describe.runIf(postgresIsTested('plans of lists that a principal sees'))(
  'plans of lists that a principal sees, on PostgreSQL',
  () => {
    it('[OWN5] few are looked up, many are walked', async () => {
      const store = await openPostgresStore();
      for (const filling of fillings((count) => `select generate_series(1, ${count}) as n`)) {
        await store.schema.query(filling);
      }
      for (const table of tables) await store.schema.query(`vacuum analyze ${table}`);
      const connect = (log: (event: LogEvent) => void) =>
        new Kysely<Tables>({
          dialect: new PostgresDialect({
            pool: new Pool({ connectionString: store.schema.url, max: 1, types: postgresTypes() }),
          }),
          log,
        });
      const plansOf = async (read: (model: ReadModel) => Promise<unknown>) => {
        const plans: string[] = [];
        for (const { sql, parameters } of await caught(connect, read)) {
          const plan = await store.schema.query(`explain ${sql}`, parameters);
          plans.push(plan.map((step) => String(Reflect.get(step, 'QUERY PLAN'))).join('\n'));
        }
        return plans;
      };
      for (const { name, read } of [...byOwn, ...byList]) {
        for (const steps of await plansOf(read)) {
          expect(steps, name).not.toContain('Seq Scan');
          if (byOwn.some((one) => one.name === name)) expect(steps, name).not.toMatch(ofList);
          else expect(steps, name).not.toContain('Sort');
        }
      }
      for (const { name, read } of [...ofOwners, ...ofTenants]) {
        const steps = (await plansOf(read)).join('\n');
        expect(steps, name).not.toContain('Seq Scan');
        expect(steps, name).not.toMatch(otherLists);
        if (ofOwners.some((one) => one.name === name))
          expect(steps, name).toContain('using sessions_by_owner');
        else expect(steps, name).not.toContain('Sort');
      }
      for (const steps of await plansOf(access)) expect(steps).not.toContain('Seq Scan');
      await store.close();
    });
  },
);
