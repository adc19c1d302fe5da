/** Queries that are built once. That both databases take them is for the contract of the read model to prove. */
import { Kysely, type LogEvent, SqliteDialect } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../../../schema/ids.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { migrate } from '../../../../src/storage/sql/migrate.ts';
import { readQuery, type Value } from '../../../../src/storage/sql/read-query.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { newId } from '../../../contract/sample-entries.ts';

async function filled(titles: readonly string[]) {
  const asked: LogEvent[] = [];
  const dialect = new SqliteDialect({ database: new SqliteFile(sqliteDatabaseOptions(':memory:')) });
  const db = new Kysely<Tables>({
    dialect,
    log: (event) => {
      asked.push(event);
    },
  });
  await migrate(db);
  const ids: SessionId[] = [];
  for (const [at, title] of titles.entries()) {
    const id = newId<SessionId>();
    ids.push(id);
    const times = { created_at: at, updated_at: at };
    const row = {
      id,
      title,
      status: 'active',
      activity: 'idle',
      auto_title: 0,
      stored_bytes: 0,
      tenant: '',
      version: 1,
      ...times,
    } as const;
    await db.insertInto('sessions').values(row).execute();
  }
  asked.length = 0;
  return { db, ids, asked };
}

describe('a query that is built once', () => {
  it('is built once for each database, and binds the values of each read wherever they stand', async () => {
    let built = 0;
    const read = readQuery((db, value: Value<{ id: SessionId; limit: number }>) => {
      built++;
      return db
        .selectFrom('sessions')
        .select('title')
        .where('status', '=', 'active')
        .where((eb) => eb.or([eb('id', '=', value('id')), eb('title', '=', value('id'))]))
        .limit(value('limit'));
    });
    const [one, other] = [await filled(['a', 'b']), await filled(['c'])];
    const [a, b] = one.ids;
    const [c] = other.ids;
    if (a === undefined || b === undefined || c === undefined) throw new Error('there are sessions');
    expect(await read(one.db, { id: a, limit: 5 })).toEqual([{ title: 'a' }]);
    expect(await read(one.db, { id: b, limit: 5 })).toEqual([{ title: 'b' }]);
    expect(await read(one.db, { id: b, limit: 0 })).toEqual([]);
    expect(built).toBe(1);
    expect(await read(other.db, { id: c, limit: 5 })).toEqual([{ title: 'c' }]);
    expect(await read(other.db, { id: a, limit: 5 })).toEqual([]);
    expect(built).toBe(2);
    expect(one.asked.map(({ query }) => query.parameters)).toEqual([
      ['active', a, a, 5],
      ['active', b, b, 5],
      ['active', b, b, 0],
    ]);
    expect(new Set(one.asked.map(({ query }) => query.sql)).size).toBe(1);
  });
});
