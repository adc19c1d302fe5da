/** Opens the embedded store: one SQLite file in the data folder. */
import { join } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
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
import { sqliteResultCode } from './sqlite-errors.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { lockSqliteFile } from './sqlite-lock.ts';

/** The file in the data folder that holds the whole store. */
export const sqliteFileName = 'callboard.sqlite';

/** Rejects with {@link StorageOpenError}. */
export async function openSqlite(
  dataFolder: string,
  synchronous: SqliteSynchronous = 'normal',
): Promise<Storage> {
  const path = join(dataFolder, sqliteFileName);
  prepareFolder(dataFolder);
  try {
    prepareDatabaseFile(`${path}.lock`);
    const unlock = lockSqliteFile(path);
    try {
      prepareDatabaseFile(path);
      return await openFile(path, unlock, synchronous);
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
  return openFile(':memory:', () => {});
}

async function openFile(
  path: string,
  unlock: () => void,
  synchronous: SqliteSynchronous = 'normal',
): Promise<Storage> {
  const file = new SqliteFile(path, synchronous);
  try {
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) });
    await migrate(db);
    return {
      kind: 'sqlite',
      place: path,
      journal: new SqliteJournal(file, db),
      readModel: new KyselyReadModel(db),
      eventLog: await openEventLog(db),
      retention: new KyselyRetention(db),
      files: kyselyFileRecords(db),
      searchBackfill: searchBackfill(db),
      keyNotes: kyselyKeyNotes(db),
      leaseSecret: await serverSecret(db, 'leases'),
      tokenSecret: await serverSecret(db, 'connection-tokens'),
      toolSecretKey: await openToolSecretKey(db),
      events: (range) => readEntries(db, range),
      close: async () => {
        file.close();
        unlock();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
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
