/**
 * Goal: the SQLite store survives failing processes and disks. Method: real files, and a process that is killed while
 * it writes.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Kysely } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { JournalRejected, JournalUnavailable } from '../../../../actors/ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { migrate } from '../../../../src/storage/sql/migrate.ts';
import { openSqlite, sqliteFileName } from '../../../../src/storage/sqlite/open-sqlite.ts';
import {
  type SqliteDatabaseOptions,
  sqliteDatabaseOptions,
} from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { SqliteJournal } from '../../../../src/storage/sqlite/sqlite-journal.ts';
import { SqliteThread, startSqliteWorker } from '../../../../src/storage/sqlite/sqlite-thread.ts';
import { OpenTransactions, writingDialect } from '../../../../src/storage/sqlite/thread-dialect.ts';
import { StorageOpenError } from '../../../../src/storage/storage-open-error.ts';
import { silentLog } from '../../../contract/journal-backend.ts';
import { entry, message, newId, session, start } from '../../../contract/sample-entries.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function openError(folder: string): Promise<StorageOpenError> {
  const error: unknown = await openSqlite(folder).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StorageOpenError)) throw new Error('it was opened, or failed otherwise');
  expect(error.message).not.toContain('\n');
  return error;
}

describe('a store in a data folder', () => {
  it('[JRN1] is there after a restart, in a folder that it has made', async () => {
    const folder = join(newFolder(), 'deep', 'data');
    const id = newId<SessionId>();
    const first = await openSqlite(folder);
    const [before] = await first.journal.append([entry.sessionCreated(session(id))]);
    await first.close();
    await first.close();
    const second = await openSqlite(folder);
    expect(await second.readModel.session(id)).toStrictEqual(session(id));
    const [after] = await second.journal.append([entry.sessionDeleted(id)]);
    expect(after).toBeGreaterThan(before ?? Infinity);
    await second.close();
  });

  it('[JRN17] [JRN20] has the same epoch and the same range after a restart', async () => {
    const folder = newFolder();
    const first = await openSqlite(folder);
    await first.journal.append([
      entry.sessionCreated(session(newId())),
      entry.config({ features: {}, theme: 'dark' }),
    ]);
    await first.retention.forget(start + 1);
    await first.retention.sweep();
    const { epoch } = first.eventLog;
    await first.close();
    await expect(first.eventLog.range()).rejects.toBeInstanceOf(JournalUnavailable);
    await expect(first.retention.sweep()).rejects.toBeInstanceOf(JournalUnavailable);
    const second = await openSqlite(folder);
    expect(second.eventLog.epoch).toBe(epoch);
    expect(await second.eventLog.range()).toEqual({ oldest: 3, newest: 2 });
    await second.close();
  });

  it('[JRN1] [JRN12] loses nothing that was resolved, and is not locked, after kill -9', async () => {
    const folder = newFolder();
    const writer = spawn(
      process.execPath,
      [fileURLToPath(new URL('sqlite-writer-process.ts', import.meta.url)), folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const resolved: SessionId[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      resolved.push(line as SessionId);
      if (resolved.length === 1) {
        expect((await openError(folder)).message).toMatch(/in use by another Callboard process/);
      }
      if (resolved.length === 200) writer.kill('SIGKILL');
    }
    const storage = await openSqlite(folder);
    const missing: SessionId[] = [];
    for (const id of resolved) {
      if ((await storage.readModel.session(id)) === undefined) missing.push(id);
    }
    expect(resolved.length).toBeGreaterThanOrEqual(200);
    expect(missing).toEqual([]);
    await storage.close();
  });

  it('[JRN21] waits for the disk at each commit when it is told to, and not otherwise', async () => {
    for (const [asked, level] of [
      [undefined, 1],
      ['normal', 1],
      ['full', 2],
    ] as const) {
      const started: SqliteDatabaseOptions[] = [];
      const storage = await openSqlite(newFolder(), {
        synchronous: asked,
        startWorker: (database) => {
          started.push(database);
          return startSqliteWorker(database);
        },
      });
      await storage.close();
      const writes = started.filter(({ readOnly }) => !readOnly);
      expect(writes).toHaveLength(1);
      for (const database of writes) {
        const thread = new SqliteThread({ database, log: silentLog });
        const { rows } = await thread.query({ sql: 'pragma synchronous', parameters: [] });
        expect(rows).toEqual([{ synchronous: level }]);
        await thread.close();
      }
    }
  });

  it('[JRN12] refuses a second opening from the same process too', async () => {
    const folder = newFolder();
    const storage = await openSqlite(folder);
    expect((await openError(folder)).message).toMatch(/in use/);
    await storage.close();
    await (await openSqlite(folder)).close();
  });

  it('[JRN13] names a folder that cannot be made', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const error = await openError(join(file, 'data'));
    expect(error.message).toBe(
      `Data folder ${join(file, 'data')} cannot be written: there is a file in its place or above it`,
    );
  });

  it('[JRN13] names a file that is no database', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, sqliteFileName), 'This is a diary, not a database. '.repeat(100));
    expect((await openError(folder)).message).toMatch(/is not an SQLite database; move it away/);
  });

  it('[JRN15] refuses a database made by a newer program', async () => {
    const folder = newFolder();
    await (await openSqlite(folder)).close();
    const shell = new DatabaseSync(join(folder, sqliteFileName));
    shell.exec("insert into kysely_migration values ('9999-later', '2099-01-01')");
    shell.close();
    expect((await openError(folder)).message).toMatch(/made by a newer Callboard \(it has 9999-later\)/);
  });
});

describe('a journal on SQLite', () => {
  async function openJournal() {
    const thread = new SqliteThread({
      database: sqliteDatabaseOptions(join(newFolder(), sqliteFileName)),
      log: silentLog,
    });
    const transactions = new OpenTransactions();
    const db = new Kysely<Tables>({ dialect: writingDialect(thread, transactions) });
    await migrate(db);
    const rows = async (sql: string) => (await thread.query({ sql, parameters: [] })).rows;
    return { thread, rows, journal: new SqliteJournal({ thread, transactions, db, lastSeq: 0 }) };
  }

  it('[JRN2] [JRN14] is unavailable while the disk is full, whole batches only, and comes back', async () => {
    const { thread, rows, journal } = await openJournal();
    const id = newId<SessionId>();
    await journal.append([entry.sessionCreated(session(id))]);
    const [pages] = await rows('pragma page_count');
    await rows(`pragma max_page_count = ${Number(Reflect.get(pages ?? {}, 'page_count')) + 5}`);
    const large = [
      entry.sessionUpdated(session(id, { title: 'changed' })),
      entry.messageCreated(message(newId(), id, { content: 'x'.repeat(500_000) })),
    ];
    await expect(journal.append(large)).rejects.toBeInstanceOf(JournalUnavailable);
    expect(await rows('select count(*) as count from events')).toEqual([{ count: 1 }]);
    expect(await rows('select title from sessions')).toEqual([{ title: 'A title' }]);
    await rows('pragma max_page_count = 1000000');
    expect(await journal.append(large)).toHaveLength(2);
    await thread.close();
  });

  it('[JRN14] is unavailable while another program holds a lock, and comes back', async () => {
    const folder = newFolder();
    const storage = await openSqlite(folder);
    const shell = new DatabaseSync(join(folder, sqliteFileName));
    shell.exec('begin immediate');
    const created = entry.sessionCreated(session(newId()));
    await expect(storage.journal.append([created])).rejects.toBeInstanceOf(JournalUnavailable);
    shell.exec('rollback');
    expect(await storage.journal.append([created])).toHaveLength(1);
    shell.close();
    await storage.close();
  });

  it('[JRN14] is unavailable when it is closed', async () => {
    const storage = await openSqlite(newFolder());
    await storage.close();
    const created = entry.sessionCreated(session(newId()));
    await expect(storage.journal.append([created])).rejects.toBeInstanceOf(JournalUnavailable);
    await expect(storage.readModel.session(newId())).rejects.toBeInstanceOf(JournalUnavailable);
  });

  it('[JRN2] rejects a batch that breaks a rule of the database, whole, and goes on', async () => {
    const { thread, rows, journal } = await openJournal();
    const good = entry.sessionCreated(session(newId()));
    const broken = entry.sessionCreated(session(newId(), { title: null as never }));
    await expect(journal.append([good, broken])).rejects.toBeInstanceOf(JournalRejected);
    expect(await rows('select count(*) as count from events')).toEqual([{ count: 0 }]);
    expect(await journal.append([good])).toHaveLength(1);
    await thread.close();
  });

  it('[JRN2] rejects data that is no JSON', async () => {
    const { thread, journal } = await openJournal();
    const broken = entry.sessionCreated(session(newId(), { title: 1n as never }));
    await expect(journal.append([broken])).rejects.toBeInstanceOf(JournalRejected);
    await thread.close();
  });
});
