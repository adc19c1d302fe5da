/**
 * Kysely over a thread that has the connection. Statements that are asked at the same time wait in the thread, not for
 * each other. A transaction has the connection for itself, and no batch of the journal gets into it.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { JournalUnavailable } from '../../../actors/ports.ts';
import { bindable } from './sqlite-database.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** For a connection that writes. Kysely then lends it to one user at a time. */
export function writingDialect(thread: SqliteThread, transactions: OpenTransactions): Dialect {
  return dialectOf(new SqliteAdapter(), () => new ThreadDriver(thread, transactions));
}

/** For a connection that only reads. */
export function readingDialect(thread: SqliteThread): Dialect {
  return dialectOf(new SharedAdapter(), () => new ThreadDriver(thread, new OpenTransactions()));
}

function dialectOf(adapter: SqliteAdapter, createDriver: () => Driver): Dialect {
  return {
    createAdapter: () => adapter,
    createDriver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely does not make reads wait for each other: without transactions they cannot disturb each other. */
class SharedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Whether Kysely has a transaction open, for the journal, which uses the same connection. */
export class OpenTransactions {
  #open: Promise<void> | undefined;
  #end = () => {};

  /** Resolves when the one that is open ends; `undefined`: none is. */
  get open(): Promise<void> | undefined {
    return this.#open;
  }

  begin(): void {
    this.#open = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Does nothing when there is none. */
  end(): void {
    this.#open = undefined;
    this.#end();
  }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  readonly #transactions: OpenTransactions;

  constructor(thread: SqliteThread, transactions: OpenTransactions) {
    this.#thread = thread;
    this.#transactions = transactions;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ThreadConnection> {
    return new ThreadConnection(this.#thread);
  }

  async beginTransaction(connection: ThreadConnection): Promise<void> {
    this.#transactions.begin();
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    connection.stay();
  }

  async commitTransaction(connection: ThreadConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: ThreadConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {
    this.#transactions.end();
  }

  /** The thread ends with its store. */
  async destroy(): Promise<void> {}
}

class ThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;
  #life: object | undefined;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** From now on only the present thread will do: a transaction ends with the thread that began it. */
  stay(): void {
    this.#life = this.#thread.life;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#life !== undefined && this.#life !== this.#thread.life) {
      throw new JournalUnavailable('SQLite: its thread died in a transaction');
    }
    const { rows, changes } = await this.#thread.query({ sql, parameters: parameters.map(bindable) });
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  /** Nothing in this program reads so: what is long is read in pages, each a query of its own. */
  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('SQLite does not stream rows; read them in pages');
  }
}
