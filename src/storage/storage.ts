/** The result of `openStorage`: the storage ports, and the way to close them. */

import type { FileRecords } from '../../actors/file-store.ts';
import type { EventLog, Journal, Log, ReadModel, Retention } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { CommittedEntry } from './sql/events-table.ts';
import type { KeyNotes } from './sql/key-statements.ts';
import type { SearchBackfill } from './sql/search-backfill.ts';
import type { SqliteSynchronous } from './sqlite-synchronous.ts';

export type Storage = {
  readonly kind: 'sqlite' | 'postgresql';
  /** The store's place, for the log: a path, or host and database; never a secret. */
  readonly place: string;
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly eventLog: EventLog;
  readonly retention: Retention;
  readonly files: FileRecords;
  readonly searchBackfill: SearchBackfill;
  readonly keyNotes: KeyNotes;
  /** From which leases of turns are made; the same as long as the store lives. */
  readonly leaseSecret: string;
  /** With which connection tokens are signed; the same as long as the store lives. */
  readonly tokenSecret: string;
  /** The secrets of registered tools are made of it ([RTL8]): never shown, never logged. */
  readonly toolSecretKey: Uint8Array;
  /**
   * At most `limit` entries of any kind whose `seq` is greater than `after`, oldest first. Rejects with the
   * database's own error.
   */
  readonly events: (range: {
    readonly after: number;
    readonly limit: number;
  }) => Promise<readonly CommittedEntry[]>;
  /** Ends reads and appends, which then reject as unavailable. Call it after the outbox has flushed. */
  readonly close: () => Promise<void>;
};

export type StorageOptions = {
  /** `postgres://…`; absent: SQLite in the data folder. */
  readonly databaseUrl?: string | undefined;
  /** Created if it is missing. Unused when `databaseUrl` is given. */
  readonly dataFolder: string;
  /** Default `normal`. */
  readonly sqliteSynchronous?: SqliteSynchronous | undefined;
  /** How many connections read from PostgreSQL; default `limits.databaseReadConnections`. */
  readonly readConnections?: number | undefined;
  readonly log: Log;
  /**
   * How long opening PostgreSQL waits for another process that holds the store, ms. Default
   * `limits.processLockExtraMs`. SQLite does not wait ([JRN12]).
   */
  readonly lockWaitMs?: Milliseconds | undefined;
  /**
   * Called when another process has written to the store while this one had lost its lock on PostgreSQL. This process
   * must stop: what it holds in memory is out of date, and appends stay unavailable.
   */
  readonly onTakenOver?: (() => void) | undefined;
};
