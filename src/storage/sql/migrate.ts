/**
 * Brings a database up to date. Safe when several processes start at once: on PostgreSQL Kysely's migrator holds
 * an advisory lock, and an SQLite file has one process only.
 */
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../../schema/storage/migrations.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { StorageOpenError } from '../storage-open-error.ts';

/**
 * Runs the migrations that have not run yet; on PostgreSQL, all or none. `schema` is where the migrator keeps its own
 * tables (PostgreSQL only). Throws {@link StorageOpenError} if the database is newer than the program, else the
 * database's own error.
 */
export async function migrate(db: Kysely<Tables>, schema?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const error = await errorOf(migrator);
  if (error === undefined) return;
  const unknown = (await namesOfRun(db)).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) {
    throw new StorageOpenError(
      `The database was made by a newer Callboard (it has ${unknown.join(', ')}); start that version, or use another database`,
      { cause: error },
    );
  }
  throw error;
}

/**
 * Kysely looks at the tables of all schemas, and PostgreSQL fails when one of them is dropped meanwhile. Nothing was
 * migrated then.
 */
async function errorOf(migrator: Migrator): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const { error, results } = await migrator.migrateToLatest();
    const isUntouched = results === undefined || results.length === 0;
    if (!isUntouched || !isOfOtherSchemas(error) || attempt === attemptsMax) return error;
  }
}

const attemptsMax = 5;

/** PostgreSQL's codes for a schema, a table and a column that are not there (any more). */
const goneCodes: readonly unknown[] = ['3F000', '42P01', '42703'];

function isOfOtherSchemas(error: unknown): boolean {
  return error instanceof Error && goneCodes.includes(Reflect.get(error, 'code'));
}

async function namesOfRun(db: Kysely<Tables>): Promise<string[]> {
  try {
    const rows = await db
      .withTables<{ kysely_migration: { name: string } }>()
      .selectFrom('kysely_migration')
      .select('name')
      .execute();
    return rows.map((row) => row.name);
  } catch {
    // The first error is the one to show: there may be no table, or no database.
    return [];
  }
}
