/** Kysely over a thread: transactions, reads beside a write that takes long, and values that SQLite cannot bind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { Kysely, sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { JournalUnavailable } from '../../../../actors/ports.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { SqliteThread, startSqliteWorker } from '../../../../src/storage/sqlite/sqlite-thread.ts';
import {
  OpenTransactions,
  readingDialect,
  writingDialect,
} from '../../../../src/storage/sqlite/thread-dialect.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

type Notes = { notes: { id: number; text: string | null } };

const folder = mkdtempSync(join(tmpdir(), 'callboard-'));
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true });
});

let files = 0;
async function openNotes() {
  const path = join(folder, `${files++}.sqlite`);
  const workers: Worker[] = [];
  const threadOf = (readOnly: boolean) => {
    const thread = new SqliteThread({
      database: sqliteDatabaseOptions(path, { readOnly }),
      log: silentLog,
      start: (database) => {
        const worker = startSqliteWorker(database);
        if (!readOnly) workers.push(worker);
        return worker;
      },
    });
    closing.push(() => thread.close());
    return thread;
  };
  const [writer, reader] = [threadOf(false), threadOf(true)];
  const transactions = new OpenTransactions();
  const writes = new Kysely<Notes>({ dialect: writingDialect(writer, transactions) });
  await sql`create table notes (id integer primary key, text text)`.execute(writes);
  const reads = new Kysely<Notes>({ dialect: readingDialect(reader) });
  const count = async (db: Kysely<Notes>) => (await db.selectFrom('notes').selectAll().execute()).length;
  const kill = async () => {
    await workers.at(-1)?.terminate();
  };
  return { writer, transactions, writes, reads, count, kill };
}

/** Takes SQLite some time: it counts up to so many. */
const long = (rows: number) =>
  sql`insert into notes with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${rows})
    select null, null from counted where n % 100000 = 0`;

describe('Kysely over a thread', () => {
  it('keeps a transaction whole, and lets no other statement and no batch of the journal into it', async () => {
    const { writer, transactions, writes, reads, count } = await openNotes();
    const order: string[] = [];
    let began = () => {};
    const isOpen = new Promise<void>((resolve) => {
      began = resolve;
    });
    const whole = writes.transaction().execute(async (transaction) => {
      began();
      await transaction.insertInto('notes').values({ id: 1, text: 'one' }).execute();
      expect(await count(reads)).toBe(0);
      await transaction.insertInto('notes').values({ id: 2, text: 'two' }).execute();
      order.push('transaction');
    });
    await isOpen;
    const beside = writes
      .insertInto('notes')
      .values({ id: 3, text: 'three' })
      .execute()
      .then(() => order.push('statement'));
    const batch = Promise.resolve(transactions.open)
      .then(() => writer.batch([{ sql: "insert into notes values (4, 'four')", parameters: [] }]))
      .then(() => order.push('batch'));
    await Promise.all([whole, beside, batch]);
    expect(order[0]).toBe('transaction');
    expect(await count(reads)).toBe(4);
  });

  it('takes back a transaction that fails', async () => {
    const { writes, reads, count } = await openNotes();
    const failing = writes.transaction().execute(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: 'one' }).execute();
      await transaction.insertInto('notes').values({ id: 1, text: 'again' }).execute();
    });
    await expect(failing).rejects.toThrow(/UNIQUE/);
    expect(await count(reads)).toBe(0);
    await writes.insertInto('notes').values({ id: 1, text: 'one' }).execute();
    expect(await count(reads)).toBe(1);
  });

  it('[JRN28] ends a transaction with the thread that began it: the next thread writes nothing of it', async () => {
    const { writes, reads, count, kill } = await openNotes();
    const broken = writes.transaction().execute(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: 'one' }).execute();
      await kill();
      await transaction.insertInto('notes').values({ id: 2, text: 'two' }).execute();
    });
    await expect(broken).rejects.toBeInstanceOf(JournalUnavailable);
    expect(await count(reads)).toBe(0);
    await writes.insertInto('notes').values({ id: 3, text: 'three' }).execute();
    expect(await count(reads)).toBe(1);
  });

  it('[JRN28] reads while a write takes long, and the event loop goes on', async () => {
    const { writes, reads, count } = await openNotes();
    let written = false;
    const writing = long(500_000)
      .execute(writes)
      .then(() => {
        written = true;
      });
    let turns = 0;
    while (!written) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turns++ === 0) expect(await count(reads)).toBe(0);
    }
    await writing;
    expect(turns).toBeGreaterThan(1);
    expect(await count(reads)).toBe(5);
  });

  it('says how many rows it wrote, and cannot write where it only reads', async () => {
    const { writes, reads } = await openNotes();
    const { numInsertedOrUpdatedRows } = await writes
      .insertInto('notes')
      .values([{ text: 'one' }, { text: 'two' }] as never)
      .executeTakeFirstOrThrow();
    expect(numInsertedOrUpdatedRows).toBe(2n);
    await expect(reads.deleteFrom('notes').execute()).rejects.toThrow(/readonly/);
  });

  it('refuses what SQLite cannot bind, and knows the statement the next time', async () => {
    const { writes } = await openNotes();
    const text = (value: unknown) => sql<{ text: string }>`select ${value} as text`.execute(writes);
    await expect(text({})).rejects.toThrow(TypeError);
    expect((await text('one')).rows).toEqual([{ text: 'one' }]);
  });
});
