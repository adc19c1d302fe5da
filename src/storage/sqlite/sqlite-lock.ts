/**
 * Allows one process per SQLite database: two processes would run turns that neither knows of the other's.
 *
 * The lock is a transaction held open on an empty database beside the real one. The kernel releases it when the
 * process ends in any way, so `kill -9` leaves no stale lock; and the real file stays readable for backups and shells
 * while the server runs.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreInUseError } from '../storage-open-error.ts';
import { sqliteResultCode } from './sqlite-errors.ts';

const busy = 5;

/**
 * Takes the lock, or throws {@link StoreInUseError} if another process has it. Returns a function that releases it.
 */
export function lockSqliteFile(path: string): () => void {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    if (sqliteResultCode(cause) !== busy) throw cause;
    throw new StoreInUseError(`Database ${path} is in use by another Callboard process`, { cause });
  }
  return () => {
    if (lock.isOpen) lock.close();
  };
}
