/** Opens the store on PostgreSQL: one connection for writing, a pool for reading. */
import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool } from 'pg';
import { type EventLog, JournalUnavailable } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { readEntries } from '../sql/events-table.ts';
import { kyselyKeyNotes } from '../sql/key-statements.ts';
import { openEventLog } from '../sql/kysely-event-log.ts';
import { kyselyFileRecords } from '../sql/kysely-file-records.ts';
import { KyselyReadModel } from '../sql/kysely-read-model.ts';
import { KyselyRetention } from '../sql/kysely-retention.ts';
import { migrate } from '../sql/migrate.ts';
import { searchBackfill } from '../sql/search-backfill.ts';
import { serverSecret } from '../sql/server-secret.ts';
import { openToolSecretKey } from '../sql/tool-secret-key.ts';
import type { Storage, StorageOptions } from '../storage.ts';
import { errorCode, StorageOpenError } from '../storage-open-error.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { PostgresPipeline } from './postgres-pipeline.ts';
import { firstProcessLock, PostgresProcessLock, type ProcessLockMode } from './postgres-process-lock.ts';
import { postgresTypes } from './postgres-types.ts';

export type PostgresOptions = Pick<
  StorageOptions,
  'log' | 'readConnections' | 'lockWaitMs' | 'onTakenOver'
> & {
  readonly databaseUrl: string;
  /** Default `exclusive`: one process per store. */
  readonly processLock?: ProcessLockMode;
};

/** Rejects with {@link StorageOpenError}. */
export async function openPostgres(options: PostgresOptions): Promise<Storage> {
  const { databaseUrl, log } = options;
  const place = placeOf(databaseUrl);
  const pool = new Pool({
    connectionString: databaseUrl,
    max: options.readConnections ?? limits.databaseReadConnections,
    application_name: 'callboard reads',
    connectionTimeoutMillis: limits.databaseConnectMs,
    statement_timeout: limits.databaseAnswerMs,
    keepAlive: true,
    types: postgresTypes(),
  });
  // Only this event reports a connection that breaks while it is idle.
  pool.on('error', (error) => log.warn('A database connection was lost', { error: error.message }));
  // A connection that breaks in use fails its query; without this listener it would also end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const writer = randomUUID();
  const lock = new PostgresProcessLock({ mode: options.processLock ?? 'exclusive', writer });
  const pipeline = new PostgresPipeline({ connectionString: databaseUrl }, (client) => lock.take(client));
  let eventLog: EventLog;
  let leaseSecret: string;
  let tokenSecret: string;
  let toolSecretKey: Uint8Array;
  try {
    // Before anything is read or written: the process that holds the store may be in the middle of a turn.
    await firstProcessLock({
      connect: () => pipeline.connect(),
      place,
      waitMs: options.lockWaitMs ?? limits.processLockExtraMs,
      log,
    });
    await migrate(db, await schemaOf(db, place));
    await pruneBatches(db);
    eventLog = await openEventLog(db);
    leaseSecret = await serverSecret(db, 'leases');
    tokenSecret = await serverSecret(db, 'connection-tokens');
    toolSecretKey = await openToolSecretKey(db);
    lock.opened((await eventLog.range()).newest);
  } catch (cause) {
    await pipeline.close();
    await pool.end();
    if (cause instanceof StorageOpenError) throw cause;
    // What the journal's connection says of the server is the cause of its own error.
    const reason = cause instanceof JournalUnavailable ? cause.cause : cause;
    throw new StorageOpenError(withoutSecrets(fault(place, reason), databaseUrl), { cause });
  }
  return {
    kind: 'postgresql',
    place,
    journal: new PostgresJournal({
      pipeline,
      db,
      writer,
      now: Date.now,
      log,
      lock,
      onTakenOver: options.onTakenOver ?? (() => {}),
    }),
    readModel: new KyselyReadModel(db),
    eventLog,
    retention: new KyselyRetention(db),
    files: kyselyFileRecords(db),
    searchBackfill: searchBackfill(db),
    keyNotes: kyselyKeyNotes(db),
    leaseSecret,
    tokenSecret,
    toolSecretKey,
    events: (range) => readEntries(db, range),
    close: async () => {
      await pipeline.close();
      if (!pool.ended && !pool.ending) await pool.end();
    },
  };
}

/** `user@host:port/database`. Throws {@link StorageOpenError} when the text is not a PostgreSQL URL. */
function placeOf(databaseUrl: string): string {
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new StorageOpenError('The database URL must begin with postgres:// or postgresql://');
  }
  try {
    const { user, host, port, database } = new Client({ connectionString: databaseUrl });
    return `${user ?? ''}@${host}:${port}/${database ?? ''}`;
  } catch (cause) {
    // The cause quotes the URL, including the password.
    throw new StorageOpenError(`The database URL cannot be read: ${errorCode(cause) ?? 'it is malformed'}`);
  }
}

/** The schema of unqualified names. Stores in different schemas can share one database. */
async function schemaOf(db: Kysely<Tables>, place: string): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
  const schema = rows[0]?.schema;
  if (schema) return schema;
  throw new StorageOpenError(`PostgreSQL at ${place} has no schema on its search path; create one`);
}

/** Deletes the batch records of processes that ended long ago. */
async function pruneBatches(db: Kysely<Tables>): Promise<void> {
  await db
    .deleteFrom('journal_batches')
    .where('at', '<', Date.now() - limits.journalBatchesKeptMs)
    .execute();
}

function fault(place: string, cause: unknown): string {
  const server = `PostgreSQL at ${place}`;
  const code = errorCode(cause);
  switch (code) {
    case 'ECONNREFUSED':
      return `${server} refused the connection; is it running?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${server} cannot be found: its host name is unknown`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${server} cannot be reached`;
    case 'ENOENT':
      return `${server} has no socket there; is it running?`;
    case '28P01':
    case '28000':
      return `${server} refused the user or password`;
    case '3D000':
      return `${server} has no such database; create it`;
    case '42501':
      return `${server} does not let this user create tables`;
    case '25006':
      return `${server} is read-only`;
    case '53300':
      return `${server} has too many connections`;
    case '53100':
      return `${server} has no disk space left`;
    default:
      return `${server} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Removes the URL's password, encoded and decoded, from a message. */
function withoutSecrets(message: string, databaseUrl: string): string {
  const { password } = new Client({ connectionString: databaseUrl });
  if (!password) return message;
  return message.replaceAll(password, '…').replaceAll(encodeURIComponent(password), '…');
}
