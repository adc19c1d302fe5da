/**
 * A thread that has an SQLite connection of its own, so that the event loop never waits for the disk. What is asked is
 * answered in order.
 *
 * The thread may die, of a lack of memory for example. What it had not answered then fails as lost: nobody knows yet
 * whether it was done. The next question starts it again, but not at once when it keeps dying.
 */
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { JournalUnavailable, type Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { SqliteDatabaseOptions } from './sqlite-database-options.ts';
import { StatementNumbers } from './statement-numbers.ts';
import type {
  ThreadAnswer,
  ThreadFailure,
  ThreadOutcome,
  ThreadRequest,
  ThreadStatement,
} from './thread-messages.ts';

/** A statement with its text. */
export type Asked = { readonly sql: string; readonly parameters: readonly SQLInputValue[] };

export type SqliteThreadOptions = {
  readonly database: SqliteDatabaseOptions;
  readonly log: Log;
  /** Starts a thread; tests give one that dies. Default {@link startSqliteWorker}. */
  readonly start?: StartWorker | undefined;
};

export type StartWorker = (database: SqliteDatabaseOptions) => Worker;

export const startSqliteWorker: StartWorker = (database) =>
  new Worker(new URL('./thread-program.ts', import.meta.url), { workerData: database });

/** The thread died before it answered: what was asked was done, or not. */
export class SqliteThreadLost extends JournalUnavailable {}

/** An error of SQLite in the thread, with its codes. */
export class SqliteFailure extends Error {
  readonly code: string | undefined;
  readonly errcode: number | undefined;

  constructor({ message, code, errcode }: ThreadFailure) {
    super(message);
    this.code = code;
    this.errcode = errcode;
  }
}

type Waiting = {
  readonly resolve: (outcome: ThreadOutcome) => void;
  readonly reject: (error: Error) => void;
};

/** From one start of the thread to its end. */
type Life = {
  readonly worker: Worker;
  readonly numbers: StatementNumbers;
  /** Asked in this turn of the event loop, and not sent yet. */
  readonly outgoing: ThreadRequest[];
  readonly waiting: Map<number, Waiting>;
  readonly ended: Promise<void>;
};

export class SqliteThread {
  readonly #options: SqliteThreadOptions;
  #life: Life | undefined;
  #lastId = 0;
  /** Deaths since the last answer. */
  #deaths = 0;
  #startsFrom = 0;
  #closing: Promise<void> | undefined;

  /** Starts the thread; it opens its database when it is asked something. */
  constructor(options: SqliteThreadOptions) {
    this.#options = options;
    this.#life = this.#start();
  }

  /** What identifies the thread from its start to its death; `undefined` while there is none. */
  get life(): object | undefined {
    return this.#life;
  }

  /** Runs one statement. Rejects with {@link SqliteFailure}, {@link SqliteThreadLost} or `JournalUnavailable`. */
  query({ sql, parameters }: Asked): Promise<ThreadOutcome> {
    return this.#ask((id, numbers) => ({ id, kind: 'query', text: numbers.numberOf(sql), parameters }));
  }

  /** Runs the statements in one transaction. Rejects as {@link query} does. */
  batch(statements: readonly Asked[]): Promise<ThreadOutcome> {
    return this.#ask((id, numbers) => ({
      id,
      kind: 'batch',
      statements: statements.map(
        ({ sql, parameters }): ThreadStatement => ({ text: numbers.numberOf(sql), parameters }),
      ),
    }));
  }

  /** Resolves when everything that was asked before is answered, and the thread has ended. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    // A thread that dies meanwhile has ended as well.
    await this.#send(life, (id) => ({ id, kind: 'close' })).catch(() => {});
    await life.ended;
  }

  async #ask(request: (id: number, numbers: StatementNumbers) => ThreadRequest): Promise<ThreadOutcome> {
    if (this.#closing !== undefined) throw new JournalUnavailable('SQLite: the database is closed');
    if (this.#life === undefined && performance.now() < this.#startsFrom) {
      throw new JournalUnavailable('SQLite: its thread died and is not started again yet');
    }
    this.#life ??= this.#start();
    return this.#send(this.#life, request);
  }

  #send(
    life: Life,
    request: (id: number, numbers: StatementNumbers) => ThreadRequest,
  ): Promise<ThreadOutcome> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      life.outgoing.push(request(id, life.numbers));
      life.waiting.set(id, { resolve, reject });
      // Only a thread that owes an answer keeps the process alive.
      if (life.waiting.size === 1) life.worker.ref();
      // What is asked in one turn of the event loop goes over together: waking the thread costs more than most questions.
      if (life.outgoing.length === 1) setImmediate(() => life.worker.postMessage(life.outgoing.splice(0)));
    });
  }

  #start(): Life {
    const { database, log, start = startSqliteWorker } = this.#options;
    const worker = start(database);
    const waiting = new Map<number, Waiting>();
    let cause: unknown;
    worker.on('message', (answers: readonly ThreadAnswer[]) => {
      this.#deaths = 0;
      for (const answer of answers) {
        const asker = waiting.get(answer.id);
        waiting.delete(answer.id);
        if (answer.kind === 'done') asker?.resolve(answer.outcome);
        else asker?.reject(new SqliteFailure(answer.failure));
      }
      // A thread that ends is waited for.
      if (waiting.size === 0 && this.#closing === undefined) worker.unref();
    });
    worker.on('error', (error) => {
      cause = error;
    });
    const ended = new Promise<void>((resolve) => {
      // Its connection is closed then, and all its answers have arrived: what it has not answered, nobody will.
      worker.on('exit', (code) => {
        this.#life = undefined;
        if (this.#closing === undefined) {
          this.#startsFrom = performance.now() + waitAfter(this.#deaths++);
          const error = cause instanceof Error ? cause.message : `exit code ${code}`;
          log.error('The thread of SQLite died', { error, unanswered: waiting.size });
        }
        for (const { reject } of waiting.values()) {
          reject(new SqliteThreadLost('SQLite: its thread died before it answered', { cause }));
        }
        waiting.clear();
        resolve();
      });
    });
    worker.unref();
    return { worker, numbers: new StatementNumbers(), outgoing: [], waiting, ended };
  }
}

/** After the first death it is started again at once: often only one question was at fault. */
function waitAfter(deaths: number): number {
  if (deaths === 0) return 0;
  return Math.min(limits.journalRetryMsMax, limits.journalRetryMs * 2 ** (deaths - 1));
}
