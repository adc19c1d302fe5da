/**
 * Opens the store: PostgreSQL when a URL is given, otherwise SQLite in the data folder
 * (docs/architecture.md#storage).
 */
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Storage, StorageOptions } from './storage.ts';

/**
 * Opens the store and brings its tables up to date. Rejects with `StorageOpenError`, whose message is one line that
 * names the cause and holds no secret.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const storage =
    options.databaseUrl === undefined
      ? await openSqlite(options.dataFolder, { synchronous: options.sqliteSynchronous, log: options.log })
      : await openPostgres({ ...options, databaseUrl: options.databaseUrl });
  options.log.info(`Storage is open: ${storage.kind} at ${storage.place}`);
  return storage;
}
