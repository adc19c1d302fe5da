/**
 * A connection of `node:sqlite` with a bounded cache of prepared statements, as Kysely's SQLite dialect takes it. The
 * program of a thread imports this file, which therefore imports little: every import delays its start.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import type { SqliteDatabaseOptions } from './sqlite-database-options.ts';

export class SqliteFile implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, CachedStatement>();
  readonly #statementsMax: number;
  #uses = 0;

  /**
   * Opens or creates the file; `:memory:` makes a database that lives as long as the object.
   *
   * Throws SQLite's own error.
   */
  constructor({ path, synchronous, readOnly, busyMs, statementsMax }: SqliteDatabaseOptions) {
    this.#statementsMax = statementsMax;
    this.#database = new DatabaseSync(path, { timeout: busyMs, readOnly });
    try {
      if (!readOnly) this.#database.exec('pragma journal_mode = wal');
      this.#database.exec(`pragma synchronous = ${synchronous}`);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Prepares the statement, or returns the cached one. A cached statement must not be started while it runs. */
  prepare(sql: string): CachedStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new CachedStatement(this.#database.prepare(sql));
      if (this.#statements.size >= this.#statementsMax) this.#forgetOldest();
      this.#statements.set(sql, statement);
    }
    statement.lastUse = ++this.#uses;
    return statement;
  }

  /** Looks at all of them, which is less than to keep them in order at every use. */
  #forgetOldest(): void {
    let oldest: string | undefined;
    let lastUse = Number.POSITIVE_INFINITY;
    for (const [sql, statement] of this.#statements) {
      if (statement.lastUse >= lastUse) continue;
      oldest = sql;
      lastUse = statement.lastUse;
    }
    if (oldest !== undefined) this.#statements.delete(oldest);
  }

  /** Closing twice does nothing. */
  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}

export class CachedStatement implements SqliteStatement {
  readonly reader: boolean;
  /** Greater than that of a statement that was used before it. */
  lastUse = 0;
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): object[] {
    return this.#statement.all(...parameters.map(bindable));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...parameters.map(bindable));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...parameters.map(bindable));
  }
}

/** Throws `TypeError`. */
export function bindable(value: unknown): SQLInputValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value;
    default:
      if (value === null) return null;
      throw new TypeError(`SQLite cannot bind a value of type ${typeof value}`);
  }
}
