/** How a connection to an SQLite database is opened, on the event loop or in a thread. */
import { limits } from '../../../schema/limits.ts';
import type { SqliteSynchronous } from '../sqlite-synchronous.ts';

export type SqliteDatabaseOptions = {
  /** `:memory:` makes a database that lives as long as its connection. */
  readonly path: string;
  readonly synchronous: SqliteSynchronous;
  /** The file must exist, and nothing can be written. */
  readonly readOnly: boolean;
  /** How long to wait for the lock of another program, ms. */
  readonly busyMs: number;
  /** Prepared statements that are kept. More: the least recently used is dropped. */
  readonly statementsMax: number;
};

/** Default: `normal`, and writing. */
export function sqliteDatabaseOptions(
  path: string,
  { synchronous = 'normal', readOnly = false }: Partial<SqliteDatabaseOptions> = {},
): SqliteDatabaseOptions {
  return {
    path,
    synchronous,
    readOnly,
    busyMs: limits.sqliteBusyMs,
    statementsMax: limits.preparedStatementsMax,
  };
}
