/**
 * The journal on PostgreSQL. A batch is one transaction sent in one round trip. An advisory lock makes the order of
 * `seq` the order of commits, also among several writers (docs/architecture.md#storage).
 *
 * When the connection breaks before the answer to `commit`, nobody knows whether the batch was written; the old
 * server process may even be about to write it. So each batch begins by inserting its number into `journal_batches`,
 * and is sent again under the same number. Either it is written now, and the old attempt can only fail; or it fails,
 * because it was written before, and its `seq`s are read back (SPEC [JRN7]).
 */
import { type Kysely, sql } from 'kysely';
import { type Journal, type JournalEntry, JournalUnavailable, type Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type BatchStatements, batchStatements, seqsInOrder } from '../sql/batch-statements.ts';
import { KnownTitles } from '../sql/known-titles.ts';
import { RowsCompiler } from '../sql/values-table.ts';
import { isServerError, postgresJournalError } from './postgres-errors.ts';
import type { PipelinedQuery, PostgresPipeline } from './postgres-pipeline.ts';
import { type PostgresProcessLock, StoreTakenOver } from './postgres-process-lock.ts';

/** A batch of which it is not known whether it was committed. */
type Doubt = { readonly entries: readonly JournalEntry[]; readonly batch: number };

export type PostgresJournalOptions = {
  readonly pipeline: PostgresPipeline;
  /** Only compiles queries; it runs none. */
  readonly db: Kysely<Tables>;
  /** Unique to this journal. */
  readonly writer: string;
  readonly now: () => Milliseconds;
  readonly log: Log;
  readonly lock: PostgresProcessLock;
  /** Another process has written to the store: this process must stop without writing anything more. */
  readonly onTakenOver: () => void;
};

export class PostgresJournal implements Journal {
  readonly #options: PostgresJournalOptions;
  readonly #compiler: RowsCompiler;
  readonly #titles = new KnownTitles();
  #lastBatch = 0;
  #doubt: Doubt | undefined;
  /** Entries that turned out to be written although their append had failed, with their `seq`s. */
  readonly #found = new WeakMap<JournalEntry, number>();
  #appending = false;

  constructor(options: PostgresJournalOptions) {
    this.#options = options;
    this.#compiler = new RowsCompiler(options.db);
  }

  async append(batch: readonly JournalEntry[]): Promise<readonly number[]> {
    if (this.#appending) throw new Error('append was called before the last one had answered');
    this.#appending = true;
    try {
      if (this.#doubt !== undefined) await this.#settle(this.#doubt, batch);
      const missing = batch.filter((entry) => !this.#found.has(entry));
      const seqs = missing.length === 0 ? [] : await this.#write(missing);
      this.#options.lock.committed(seqs);
      this.#titles.committed(batch);
      let next = 0;
      return batch.map((entry) => this.#found.get(entry) ?? seqs[next++] ?? 0);
    } catch (cause) {
      this.#titles.forget();
      if (!(cause instanceof StoreTakenOver)) throw cause;
      this.#options.onTakenOver();
      throw new JournalUnavailable(cause.message, { cause });
    } finally {
      this.#appending = false;
    }
  }

  async #write(entries: readonly JournalEntry[]): Promise<readonly number[]> {
    const doubt: Doubt = { entries, batch: this.#lastBatch + 1 };
    const statements = batchStatements(entries, this.#compiler, this.#titles);
    this.#lastBatch = doubt.batch;
    const seqs = await this.#send(doubt, statements);
    if (seqs !== 'unknown') return seqs;
    // Often only the connection has gone: sends the batch again at once, over a new one.
    const secondSeqs = await this.#send(doubt, statements);
    if (secondSeqs === 'unknown') throw new JournalUnavailable('PostgreSQL did not confirm a batch');
    return secondSeqs;
  }

  /** Finds out whether a batch in doubt was written. Returns when the doubt is resolved, or rejects. */
  async #settle(doubt: Doubt, batch: readonly JournalEntry[]): Promise<void> {
    const offered = new Set(batch);
    const wanted = doubt.entries.every((entry) => offered.has(entry));
    const seqs = wanted
      ? await this.#send(doubt, batchStatements(doubt.entries, this.#compiler, this.#titles))
      : await this.#send(doubt, undefined);
    if (seqs === 'unknown') throw new JournalUnavailable('PostgreSQL did not confirm a batch');
    for (const [index, seq] of seqs.entries()) {
      const entry = doubt.entries[index];
      if (entry !== undefined) this.#found.set(entry, seq);
    }
    if (!wanted && seqs.length > 0) {
      this.#options.log.warn('A batch that was given up had been written', { events: seqs.length });
    }
  }

  /**
   * Sends a batch under its number; without statements, makes sure that it can never be written. Returns its `seq`s
   * (none if it was given up), or `unknown`, which leaves it in doubt.
   */
  async #send(doubt: Doubt, statements: BatchStatements | undefined): Promise<readonly number[] | 'unknown'> {
    const events = statements?.events ?? [];
    const queries = [
      this.#claim(doubt.batch, statements === undefined ? 0 : doubt.entries.length),
      ...events,
      ...(statements?.readModel ?? []),
      ...(doubt.batch % limits.journalBatchesKept === 0 ? [this.#prune(doubt.batch)] : []),
    ];
    const outcome = await this.#options.pipeline.transact(beginLocked, queries);
    switch (outcome.state) {
      case 'committed':
        this.#doubt = undefined;
        return seqsInOrder(outcome.rows.slice(1, 1 + events.length).flat());
      case 'unknown':
        this.#doubt = doubt;
        return 'unknown';
      case 'rolled back': {
        if (!isClaimed(outcome.cause)) throw postgresJournalError(outcome.cause);
        const seqs = await this.#seqsOf(doubt.batch);
        this.#doubt = undefined;
        return seqs;
      }
    }
  }

  /** The first query of a transaction: fails when the batch has already been written or given up. */
  #claim(batch: number, events: number): PipelinedQuery {
    return this.#compiled(sql`insert into journal_batches (writer, batch, events, after_seq, at)
      select cast(${this.#options.writer} as text), cast(${batch} as bigint), cast(${events} as bigint),
        coalesce(max(seq), 0), cast(${this.#options.now()} as bigint) from events`);
  }

  #prune(batch: number): PipelinedQuery {
    return this.#compiled(
      sql`delete from journal_batches where writer = ${this.#options.writer} and batch < ${batch}`,
    );
  }

  /** The `seq`s of a batch whose number is recorded; none if it was given up. */
  async #seqsOf(batch: number): Promise<readonly number[]> {
    const rows = await this.#options.pipeline.query(
      this.#compiled(sql`select found.seq from journal_batches as claim cross join lateral
        (select seq from events where seq > claim.after_seq order by seq limit claim.events) as found
        where claim.writer = ${this.#options.writer} and claim.batch = ${batch}`),
    );
    return seqsInOrder(rows);
  }

  #compiled(query: ReturnType<typeof sql>): PipelinedQuery {
    const { sql: text, parameters } = query.compile(this.#options.db);
    return { sql: text, parameters: parameters.map(parameterOf) };
  }
}

/** The second key separates stores in different schemas of one database. */
const beginLocked =
  "begin isolation level read committed; select pg_advisory_xact_lock(hashtext('callboard journal'), hashtext(current_schema()))";

function isClaimed(cause: unknown): boolean {
  return isServerError(cause) && cause.code === '23505' && cause.constraint === 'journal_batches_pkey';
}

function parameterOf(value: unknown): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError('a parameter of the journal is neither text nor number');
}
