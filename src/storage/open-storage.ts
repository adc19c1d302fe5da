/**
 * The one way to a store: PostgreSQL when a URL is given, SQLite in the data folder otherwise
 * (docs/architecture.md#storage).
 */
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Storage, StorageOptions } from './storage.ts';

/**
 * Opens the store and brings its tables up to date. Rejects with `StorageOpenError`, whose message is one line
 * that names what is wrong and holds no secret.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const storage =
    options.databaseUrl === undefined
      ? await openSqlite(options.dataFolder, options.sqliteSynchronous)
      : await openPostgres({ ...options, databaseUrl: options.databaseUrl });
  options.log.info(`Storage is open: ${storage.kind} at ${storage.place}`);
  return storage;
}
