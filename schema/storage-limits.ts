/** The bounds of the journal and its databases, part of `limits`. */
import { assert } from './unreachable.ts';

export const storageLimits = {
  /** Events in one journal transaction. More: the rest goes into the next. */
  journalBatchEventsMax: 1000,
  /** Events that wait for the journal. More: commands are refused `overloaded`, retryable, and streams pause. */
  journalQueueEventsMax: 20_000,
  /** Bytes of those events, results of tools included. More: as above. */
  journalQueueBytesMax: 64 * 1024 * 1024,
  /**
   * Wait before a failed append is tried again, and before a thread of SQLite that died twice is started again, ms;
   * doubles with each failure …
   */
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
  /** Sessions of which it is kept in memory whose they are. More: the least recently used are read again when needed. */
  sessionAccessesMax: 65_536,
  /** Sessions whose title is known to be indexed. More: that of the others is compared by the database. */
  titlesKnownMax: 4096,
  /** How long a thread of SQLite waits for a lock held by a shell or a backup, ms. More: unavailable. */
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
  /** Messages of one session that a single read visits, along its tree or in a copy. More: the oldest are left out. */
  treeWalkMessagesMax: 1_000_000,
  /** Text of one message that can be searched, UTF-16 units, and all its terms. More: the rest is not found. */
  searchTextUnitsMax: 100_000,
  /** A search term, characters. Longer words are kept, and looked for, by so many first characters. */
  searchTermCharactersMax: 64,
  /** Text to search for, characters. More: 400. */
  searchCharactersMax: 200,
  /** Matching messages, the newest, and matching titles, whose sessions a search finds. More: the older are left out. */
  searchMatchesMax: 1000,
  /** Matching messages, the newest, and matching titles, that filters look at. More: the older are left out. */
  searchFilteredMax: 10_000,
  /**
   * Of a principal that sees fewer sessions than this, a list reads their rows; else it reads the rows of all, the newest
   * first, until the page is full. In the list of sessions this is so for those alone that others opened to it.
   */
  visibleSessionsReadMax: 5000,
  /** Of a principal that sees fewer messages than this, or fewer sessions, a search looks at each of them. */
  searchVisibleRowsMax: 1000,
  /** Sessions in one page of a search. More: 400. */
  searchPageSessionsMax: 100,
  /** Sessions in one page of a search without `limit`. */
  searchPageSessions: 20,
  /** Messages of a found session that are shown, the newest. */
  searchSnippetsMax: 3,
  /** Text around what was found, UTF-16 units, without the `…` at cut ends. */
  searchSnippetUnitsMax: 160,
  /** Bytes of one file. More: 413 and the connection is closed. Default of a setting … */
  fileBytesMax: 32 * 1024 * 1024,
  /** … and its greatest legal value. */
  fileBytesLegalMax: 1024 * 1024 * 1024,
  /** Name of a file, characters. More: cut before its extension. */
  fileNameCharactersMax: 200,
  /** The beginning of a file in which its type is looked for, bytes. */
  fileProbeBytes: 64 * 1024,
  /** Files that are being received at the same time. More: refused `overloaded`, retryable. */
  filesArrivingMax: 128,
  /** Files that are being sent at the same time. More: refused `overloaded`, retryable. */
  filesSentMax: 1024,
  /** Bytes of a file that are read at a time; a reader holds no more in memory. */
  fileChunkBytes: 64 * 1024,
  /** A reader of a file that takes nothing for this time is cut off, ms … */
  fileStallMsMax: 30_000,
  /** … and how often a slow one is offered more, ms: the transport cuts off whoever is offered nothing for 10 s. */
  fileRetryMs: 4000,
  /** How long a file is kept to which no message refers, ms. Default of a setting … */
  fileGraceMs: 24 * 60 * 60 * 1000,
  /** … and its legal values. */
  fileGraceMsLeast: 1000,
  fileGraceMsLegalMax: 365 * 24 * 60 * 60 * 1000,
  /** The longest time between two searches for files to which no message refers, ms; shorter with a shorter grace … */
  fileRoundMsMax: 60 * 60 * 1000,
  /** … how many files one step of such a search looks at … */
  fileRoundFiles: 100,
  /** … and the pause after each step, ms, so that the hot path goes first. */
  fileRoundPauseMs: 50,
  /** Old rows that are made searchable in one step, after a store from before the search was opened … */
  searchBackfillRows: 32,
  /** … and the pause after each, ms, so that the hot path goes first. */
  searchBackfillPauseMs: 20,
  /** A layout of one user, UTF-16 units of JSON after merging. More: 413. */
  layoutUnitsMax: 32_000,
  /** How deep a layout may be nested: merging calls itself for each level. More: 400. */
  layoutDepthMax: 64,
  /** Layouts of all users that wait to be stored. More: refused `overloaded`, retryable. */
  layoutUpdatesWaitingMax: 1000,
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
assert(
  storageLimits.searchTextUnitsMax * 3 < 2 ** 20,
  'the terms of a message fit into a tsvector of PostgreSQL, three bytes per unit',
);
assert(storageLimits.searchCharactersMax * 12 < 4096, 'what can be searched for fits into a path, escaped');
