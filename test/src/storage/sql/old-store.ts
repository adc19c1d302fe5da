/** Databases as the releases before made them: brought to a migration, to get rows, and opened as stores. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Pool } from 'pg';
import { migrations } from '../../../../schema/storage/migrations.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { openPostgres } from '../../../../src/storage/postgres/open-postgres.ts';
import { openSqlite, sqliteFileName } from '../../../../src/storage/sqlite/open-sqlite.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import type { Storage } from '../../../../src/storage/storage.ts';
import { createPostgresSchema, postgresIsTested } from '../../../contract/journal-backend.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

export type OldStore = {
  /** Empty, for `migrateTo`; destroyed before the store is opened. */
  readonly db: Kysely<Tables>;
  readonly open: () => Promise<Storage>;
  readonly remove: () => Promise<void>;
};

async function oldSqlite(): Promise<OldStore> {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-'));
  const dialect = new SqliteDialect({
    database: new SqliteFile(sqliteDatabaseOptions(join(folder, sqliteFileName))),
  });
  return {
    db: new Kysely<Tables>({ dialect }),
    open: () => openSqlite(folder),
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

async function oldPostgres(): Promise<OldStore> {
  const schema = await createPostgresSchema();
  const dialect = new PostgresDialect({ pool: new Pool({ connectionString: schema.url, max: 1 }) });
  return {
    db: new Kysely<Tables>({ dialect }),
    open: () => openPostgres({ databaseUrl: schema.url, log: silentLog, readConnections: 1 }),
    remove: schema.drop,
  };
}

export const oldStores: [string, () => Promise<OldStore>][] = [['SQLite', oldSqlite]];
if (postgresIsTested('old stores of PostgreSQL')) oldStores.push(['PostgreSQL', oldPostgres]);

/** Runs the migrations up to this one. */
export async function migrateTo(
  name: keyof typeof migrations,
  db: Kysely<Tables>,
  dialect: string,
): Promise<void> {
  const found =
    dialect === 'SQLite'
      ? []
      : (await sql<{ name: string }>`select current_schema() as name`.execute(db)).rows;
  const schema = found[0]?.name;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateTo(name);
  if (error !== undefined) throw error;
}
