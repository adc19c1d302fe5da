/**
 * Opens the store: PostgreSQL when a URL is given, otherwise SQLite in the data folder
 * (docs/architecture.md#storage).
 */
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Storage, StorageOptions } from './storage.ts';

/**
 * Opens the store and brings its tables up to date. Rejects with `StorageOpenError`, whose message is one line that
 * names the cause and holds no secret.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const storage = await opened(options);
  options.log.info(`Storage is open: ${storage.kind} at ${storage.place}`);
  return storage;
}

async function opened({ databaseUrl, ...options }: StorageOptions): Promise<Storage> {
  if (databaseUrl === undefined) {
    return openSqlite(options.dataFolder, { synchronous: options.sqliteSynchronous, log: options.log });
  }
  // Its driver is loaded only when it is used.
  const { openPostgres } = await import('./postgres/open-postgres.ts');
  return openPostgres({ ...options, databaseUrl });
}
