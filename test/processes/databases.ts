/** The databases that end-to-end tests run on: SQLite always, PostgreSQL where `TEST_DATABASE_URL` names one. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { isCi } from '../effort.ts';

export type TestDatabase = {
  readonly name: string;
  /** A fresh, empty database; `env` points the server at it. */
  readonly prepare: () => Promise<{
    readonly env: Record<string, string>;
    readonly remove: () => Promise<void>;
  }>;
};

const sqlite: TestDatabase = {
  name: 'SQLite',
  prepare: async () => ({ env: {}, remove: async () => {} }),
};

function postgresql(serverUrl: string): TestDatabase {
  return {
    name: 'PostgreSQL',
    prepare: async () => {
      const name = `callboard_test_${randomUUID().replaceAll('-', '')}`;
      await administer(serverUrl, `create database ${name}`);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return {
        env: { DATABASE_URL: url.href },
        remove: () => administer(serverUrl, `drop database if exists ${name} with (force)`),
      };
    },
  };
}

/** Runs one statement on the database of `url`. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
}

function configured(): readonly TestDatabase[] {
  const url = process.env['TEST_DATABASE_URL'];
  if (url !== undefined && url !== '') return [sqlite, postgresql(url)];
  if (isCi) throw new Error('TEST_DATABASE_URL must name a PostgreSQL in CI');
  return [sqlite];
}

export const databases = configured();
