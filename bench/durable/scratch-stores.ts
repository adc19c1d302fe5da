/** Temporary stores: SQLite in a temporary folder, PostgreSQL in a database of its own. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

export const storeNames = ['memory', 'SQLite', 'SQLite, full', 'PostgreSQL'] as const;
export type StoreName = (typeof storeNames)[number];

export type ScratchStore = {
  readonly dataFolder: string;
  readonly databaseUrl?: string;
  readonly sqliteSynchronous?: 'normal' | 'full';
  readonly remove: () => Promise<void>;
};

export async function scratchSqlite(sqliteSynchronous: 'normal' | 'full'): Promise<ScratchStore> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  const remove = () => rm(dataFolder, { recursive: true });
  return { dataFolder, sqliteSynchronous, remove };
}

export async function scratchPostgres(serverUrl: string): Promise<ScratchStore> {
  const database = `callboard_bench_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `create database ${database}`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const dataFolder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  return {
    dataFolder,
    databaseUrl: url.href,
    remove: async () => {
      await administer(serverUrl, `drop database ${database} with (force)`);
      await rm(dataFolder, { recursive: true });
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
