/** The backends of the contract tests; each test opens an empty one and throws it away. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { EventLog, Journal, Log, ReadModel, Retention } from '../../actors/ports.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { openSqlite, openSqliteInMemory, sqliteFileName } from '../../src/storage/sqlite/open-sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { isCi } from '../effort.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';

export type OpenJournal = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly eventLog: EventLog;
  readonly retention: Retention;
  /** Frees everything that opening has made. */
  readonly close: () => Promise<void>;
};

export type JournalBackend = { readonly name: string; readonly open: () => Promise<OpenJournal> };

/** A real store and, for tests that look behind the ports, what it takes to reach its tables. */
export type OpenStore = OpenJournal & {
  readonly storage: Storage;
  /** Opens the same store again after `storage.close()`. */
  readonly reopen: () => Promise<Storage>;
};

export const silentLog: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

export const memoryBackend: JournalBackend = {
  name: 'memory fake',
  open: async () => ({ ...memoryStorage(), close: async () => {} }),
};

export const sqliteInMemoryBackend: JournalBackend = {
  name: 'SQLite in memory',
  open: () => openSqliteInMemory(),
};

export const sqliteBackend: JournalBackend = { name: 'SQLite file', open: () => openSqliteStore() };
export const postgresBackend: JournalBackend = { name: 'PostgreSQL', open: () => openPostgresStore() };

/** Where the tests find PostgreSQL; `undefined`: they run without it. */
/** An empty variable counts as none. */
export const testDatabaseUrl = process.env['TEST_DATABASE_URL'] || undefined;

/**
 * `true` when PostgreSQL can be tested. Without it, says in one line what is left out; in CI that is a failure.
 */
export function postgresIsTested(what: string): boolean {
  if (testDatabaseUrl !== undefined) return true;
  if (isCi) throw new Error(`TEST_DATABASE_URL is not set: ${what} cannot be tested`);
  process.stdout.write(`Left out, because TEST_DATABASE_URL is not set: ${what}\n`);
  return false;
}

export async function openSqliteStore(): Promise<OpenStore & { readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-'));
  const storage = await openSqlite(folder);
  return {
    ...storage,
    storage,
    path: join(folder, sqliteFileName),
    reopen: () => openSqlite(folder),
    close: async () => {
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function openPostgresStore(): Promise<OpenStore & { readonly schema: PostgresSchema }> {
  const schema = await createPostgresSchema();
  const open = () => openPostgres({ databaseUrl: schema.url, log: silentLog, readConnections: 2 });
  const storage = await open();
  return {
    ...storage,
    storage,
    schema,
    reopen: open,
    close: async () => {
      await storage.close();
      await schema.drop();
    },
  };
}

export type PostgresSchema = {
  /** A URL whose unqualified names mean this schema. */
  readonly url: string;
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly object[]>;
  readonly drop: () => Promise<void>;
};

/** An empty schema of its own for one test, so that tests can run side by side. */
export async function createPostgresSchema(): Promise<PostgresSchema> {
  if (testDatabaseUrl === undefined) throw new Error('TEST_DATABASE_URL is not set');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(testDatabaseUrl);
  url.searchParams.set('options', `-c search_path=${name}`);
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`create schema ${name}`);
  return {
    url: url.href,
    query: async (sql, values = []) => (await client.query(sql, [...values])).rows,
    drop: async () => {
      await client.query(`drop schema ${name} cascade`);
      await client.end();
    },
  };
}
