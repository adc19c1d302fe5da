/** The bounds of the journal and its databases, part of `limits`. */
import { assert } from './unreachable.ts';

export const storageLimits = {
  /** Events in one journal transaction. More: the rest goes into the next. */
  journalBatchEventsMax: 1000,
  /** Events that wait for the journal. More: commands are refused `overloaded`, retryable, and streams pause. */
  journalQueueEventsMax: 20_000,
  /** Bytes of those events, results of tools included. More: as above. */
  journalQueueBytesMax: 64 * 1024 * 1024,
  /** Wait before a failed append is tried again, ms; doubles with each failure … */
  journalRetryMs: 50,
  /** … up to this. */
  journalRetryMsMax: 2000,
  /** Rows in one SQL statement, a power of two. More: several statements. */
  statementRowsMax: 256,
  /**
   * Prepared statements that a database keeps. More: SQLite drops the least recently used; PostgreSQL prepares no
   * more.
   */
  preparedStatementsMax: 256,
  /** How long SQLite, and with it the process, waits for a lock held by a shell or a backup, ms. More: unavailable. */
  sqliteBusyMs: 500,
  /** How long PostgreSQL may take to accept a connection, ms. Longer: unavailable. */
  databaseConnectMs: 5000,
  /** How often a starting server asks whether another process has left its PostgreSQL store, ms. */
  processLockPollMs: 100,
  /** How long a process waits for the lock of its own broken connection, which it has ended, ms. */
  processLockRetakeMs: 2000,
  /** How long a starting server waits for that process beyond `shutdownGraceMs`, ms. Then it refuses to start. */
  processLockExtraMs: 5000,
  /** How long PostgreSQL may take to answer a batch or a read, ms. Longer: the connection is given up. */
  databaseAnswerMs: 30_000,
  /** How long PostgreSQL keeps the transaction of a silent client, ms; that transaction may hold the journal's lock. */
  databaseIdleTransactionMs: 10_000,
  /** Connections of one process that read from PostgreSQL, unless configured. More reads wait. */
  databaseReadConnections: 8,
  /** A batch's row in `journal_batches` is pruned after this many more batches. */
  journalBatchesKept: 128,
  /** … and the rows of ended processes are pruned after this time, ms, when another process starts. */
  journalBatchesKeptMs: 30 * 24 * 3600 * 1000,
} as const;

assert(
  storageLimits.journalBatchEventsMax < storageLimits.journalQueueEventsMax,
  'a batch fits into the queue',
);
assert(
  storageLimits.statementRowsMax * 16 <= 32_766,
  'a statement has no more parameters than SQLite can bind',
);
assert(
  storageLimits.databaseIdleTransactionMs < storageLimits.databaseAnswerMs,
  'a batch outlives the wait for a lock that a dead client holds',
);
