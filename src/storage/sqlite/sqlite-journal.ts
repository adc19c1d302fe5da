/**
 * The journal on SQLite: a batch is one message to the thread that writes, and one transaction there.
 *
 * When the thread dies before it answers, the batch was written or it was not. It has no second chance of its own: its
 * connection is closed. So the next thread is asked how far the numbers of events have come, which nobody else raises,
 * and what is missing is written then (SPEC [JRN7]).
 */

import { type Kysely, sql } from 'kysely';
import { type Journal, type JournalEntry, JournalUnavailable } from '../../../actors/ports.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { batchStatements, seqsInOrder } from '../sql/batch-statements.ts';
import { KnownTitles } from '../sql/known-titles.ts';
import { RowsCompiler } from '../sql/values-table.ts';
import { sqliteJournalError } from './sqlite-errors.ts';
import { type SqliteThread, SqliteThreadLost } from './sqlite-thread.ts';
import type { OpenTransactions } from './thread-dialect.ts';

export type SqliteJournalOptions = {
  readonly thread: SqliteThread;
  /** Those of others on the same connection. */
  readonly transactions: OpenTransactions;
  /** On the same thread. */
  readonly db: Kysely<Tables>;
  /** See {@link lastSeqOf}. */
  readonly lastSeq: number;
};

export class SqliteJournal implements Journal {
  readonly #options: SqliteJournalOptions;
  readonly #compiler: RowsCompiler;
  readonly #titles = new KnownTitles();
  /** The greatest `seq` that was ever given. */
  #lastSeq: number;
  /** The entries of a batch of which it is not known whether it was committed. */
  #doubt: readonly JournalEntry[] | undefined;
  /** Entries that turned out to be written although their append had failed, with their `seq`s. */
  readonly #found = new WeakMap<JournalEntry, number>();
  #previous: Promise<unknown> = Promise.resolve();

  constructor(options: SqliteJournalOptions) {
    this.#options = options;
    this.#compiler = new RowsCompiler(options.db);
    this.#lastSeq = options.lastSeq;
  }

  /** Batches are written one after the other, in the order in which they come. */
  append(batch: readonly JournalEntry[]): Promise<readonly number[]> {
    const appended = this.#previous.then(() => this.#append(batch));
    this.#previous = appended.catch(() => {});
    return appended;
  }

  /** Resolves when every batch that was given so far is written, or has failed. */
  async settled(): Promise<void> {
    await this.#previous;
  }

  async #append(batch: readonly JournalEntry[]): Promise<readonly number[]> {
    try {
      if (this.#doubt !== undefined) await this.#settle(this.#doubt);
      const missing = batch.filter((entry) => !this.#found.has(entry));
      const seqs = missing.length === 0 ? [] : await this.#write(missing);
      this.#titles.committed(batch);
      let next = 0;
      return batch.map((entry) => this.#found.get(entry) ?? seqs[next++] ?? 0);
    } catch (error) {
      this.#titles.forget();
      throw sqliteJournalError(error);
    }
  }

  async #write(entries: readonly JournalEntry[]): Promise<readonly number[]> {
    const seqs = await this.#send(entries);
    if (seqs !== undefined) return seqs;
    // Often only the thread has gone: looks at once, and sends the batch again if it is not there.
    await this.#settle(entries);
    const found = entries.map((entry) => this.#found.get(entry));
    const written = found.filter((seq) => seq !== undefined);
    if (written.length === entries.length) return written;
    const secondSeqs = await this.#send(entries);
    if (secondSeqs === undefined) throw new JournalUnavailable('SQLite did not confirm a batch');
    return secondSeqs;
  }

  /** Returns the `seq`s of the batch; `undefined` if it is in doubt. */
  async #send(entries: readonly JournalEntry[]): Promise<readonly number[] | undefined> {
    const { events, readModel } = batchStatements(entries, this.#compiler, this.#titles);
    const { transactions } = this.#options;
    // Nothing may come between the last look and the message: another transaction could begin.
    while (transactions.open !== undefined) await transactions.open;
    try {
      const { rows } = await this.#options.thread.batch([...events, ...readModel]);
      const seqs = seqsInOrder(rows);
      this.#lastSeq = seqs.at(-1) ?? this.#lastSeq;
      return seqs;
    } catch (error) {
      if (!(error instanceof SqliteThreadLost)) throw error;
      this.#doubt = entries;
      return undefined;
    }
  }

  /** Finds out whether a batch in doubt was written. Returns when the doubt is resolved, or rejects. */
  async #settle(doubt: readonly JournalEntry[]): Promise<void> {
    const lastSeq = await lastSeqOf(this.#options.db);
    const before = this.#lastSeq;
    if (lastSeq !== before && lastSeq !== before + doubt.length) {
      throw new JournalUnavailable('SQLite: another program has written events');
    }
    this.#doubt = undefined;
    if (lastSeq === before) return;
    this.#lastSeq = lastSeq;
    for (const [index, entry] of doubt.entries()) this.#found.set(entry, before + 1 + index);
  }
}

/**
 * The greatest `seq` that was ever given, also when its event is deleted; 0 when none was. Rejects with the database's own
 * error.
 */
export async function lastSeqOf(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    select coalesce(max(seq), 0) as seq from sqlite_sequence where name = 'events'`.execute(db);
  return rows[0]?.seq ?? 0;
}
