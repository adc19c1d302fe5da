/** Opens the embedded store: one SQLite file in the data folder. */
import { join } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import type { Log } from '../../../actors/ports.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { prepareDatabaseFile, prepareFolder } from '../data-folder.ts';
import { readEntries } from '../sql/events-table.ts';
import { kyselyKeyNotes } from '../sql/key-statements.ts';
import { openEventLog } from '../sql/kysely-event-log.ts';
import { kyselyFileRecords } from '../sql/kysely-file-records.ts';
import { KyselyReadModel } from '../sql/kysely-read-model.ts';
import { KyselyRetention } from '../sql/kysely-retention.ts';
import { migrate } from '../sql/migrate.ts';
import { searchBackfill } from '../sql/search-backfill.ts';
import { serverSecret } from '../sql/server-secret.ts';
import { openToolSecretKey } from '../sql/tool-secret-key.ts';
import type { SqliteSynchronous } from '../sqlite-synchronous.ts';
import type { Storage } from '../storage.ts';
import { StorageOpenError } from '../storage-open-error.ts';
import { SqliteFile } from './sqlite-database.ts';
import { type SqliteDatabaseOptions, sqliteDatabaseOptions } from './sqlite-database-options.ts';
import { sqliteResultCode } from './sqlite-errors.ts';
import { lastSeqOf, SqliteJournal } from './sqlite-journal.ts';
import { lockSqliteFile } from './sqlite-lock.ts';
import { SqliteThread, type StartWorker } from './sqlite-thread.ts';
import { OpenTransactions, readingDialect, writingDialect } from './thread-dialect.ts';

/** The file in the data folder that holds the whole store. */
export const sqliteFileName = 'callboard.sqlite';

export type SqliteOptions = {
  /** Default `normal`. */
  readonly synchronous?: SqliteSynchronous | undefined;
  /** Is told when a thread dies. Default: nobody is. */
  readonly log?: Log | undefined;
  readonly startWorker?: StartWorker | undefined;
};

/** Rejects with {@link StorageOpenError}. */
export async function openSqlite(dataFolder: string, options: SqliteOptions = {}): Promise<Storage> {
  const path = join(dataFolder, sqliteFileName);
  prepareFolder(dataFolder);
  try {
    prepareDatabaseFile(`${path}.lock`);
    const unlock = lockSqliteFile(path);
    try {
      prepareDatabaseFile(path);
      return await openFile(path, unlock, options);
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof StorageOpenError) throw cause;
    throw new StorageOpenError(describe(path, cause), { cause });
  }
}

/** An in-memory database, which is lost when it is closed. */
export function openSqliteInMemory(): Promise<Storage> {
  return openFile(inMemory, () => {}, {});
}

const inMemory = ':memory:';

const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * One thread writes, another reads. A database in memory has one connection only, and so one thread.
 *
 * The event loop itself brings the file up to date while the threads start, so that a start takes no longer.
 */
async function openFile(
  path: string,
  unlock: () => void,
  { synchronous = 'normal', log = silent, startWorker: start }: SqliteOptions,
): Promise<Storage> {
  const isFile = path !== inMemory;
  const threadOf = (database: SqliteDatabaseOptions) => new SqliteThread({ database, log, start });
  const writer = threadOf(sqliteDatabaseOptions(path, { synchronous }));
  const reader = isFile ? threadOf(sqliteDatabaseOptions(path, { synchronous, readOnly: true })) : writer;
  const close = async () => {
    // The last connection that closes copies the log into the file, so it must be one that writes.
    await reader.close();
    await writer.close();
  };
  try {
    const transactions = new OpenTransactions();
    const writes = new Kysely<Tables>({ dialect: writingDialect(writer, transactions) });
    const reads = isFile ? new Kysely<Tables>({ dialect: readingDialect(reader) }) : writes;
    const { lastSeq, ...prepared } = isFile
      ? await preparedFile(sqliteDatabaseOptions(path, { synchronous }), reads)
      : await preparedStore(writes, reads);
    const journal = new SqliteJournal({ thread: writer, transactions, db: writes, lastSeq });
    return {
      kind: 'sqlite',
      place: path,
      journal,
      readModel: new KyselyReadModel(reads),
      ...prepared,
      retention: new KyselyRetention(writes),
      files: kyselyFileRecords(reads),
      searchBackfill: searchBackfill(writes),
      keyNotes: kyselyKeyNotes(writes),
      events: (range) => readEntries(reads, range),
      close: async () => {
        await journal.settled();
        await close();
        unlock();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function preparedFile(options: SqliteDatabaseOptions, reads: Kysely<Tables>) {
  const file = new SqliteFile(options);
  try {
    return await preparedStore(new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) }), reads);
  } finally {
    file.close();
  }
}

async function preparedStore(db: Kysely<Tables>, reads: Kysely<Tables>) {
  await migrate(db);
  return {
    eventLog: await openEventLog(db, reads),
    leaseSecret: await serverSecret(db, 'leases'),
    tokenSecret: await serverSecret(db, 'connection-tokens'),
    toolSecretKey: await openToolSecretKey(db),
    lastSeq: await lastSeqOf(db),
  };
}

function describe(path: string, cause: unknown): string {
  switch (sqliteResultCode(cause)) {
    case 5:
      return `Database ${path} is locked by another program`;
    case 8:
    case 14:
      return `Database ${path} cannot be written: permission denied, or the file system is read-only`;
    case 11:
      return `Database ${path} is damaged; restore it from a backup, or move it away`;
    case 13:
      return `Database ${path} cannot be written: the disk is full`;
    case 26:
      return `${path} is not an SQLite database; move it away`;
    default:
      return `Database ${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
