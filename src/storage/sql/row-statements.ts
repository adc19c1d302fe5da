/** Parts of statements that write rows of a table (`values-table.ts`), shared by all tables. */
import { type RawBuilder, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { columnNames, type RowsStatement, type ValuesTable } from './values-table.ts';

/**
 * Ends after `from (values …) as v`. `where` or `order by` must follow: without either, SQLite would read `on
 * conflict` as a join condition. `others` are columns whose values are not in `values`.
 */
export function insertInto<Values>(
  table: keyof Tables,
  columns: RowsStatement<Values>['columns'],
  values: ValuesTable<Values>,
  others: Readonly<Record<string, RawBuilder<unknown>>> = {},
): RawBuilder<unknown> {
  const names = columnNames(columns);
  const targets = sql.join([...names, ...Object.keys(others)].map((name) => sql.ref(name)));
  const sources = sql.join([...names.map((name) => values.column(name)), ...Object.values(others)]);
  return sql`insert into ${sql.table(table)} (${targets}) select ${sources} from ${values.from}`;
}

export function sessionExists<Values extends { session_id: SessionId }>(
  values: ValuesTable<Values>,
): RawBuilder<unknown> {
  return sql`exists (select 1 from sessions where ${sql.ref('sessions.id')} = ${values.column('session_id')})`;
}

/** Each column except `except` takes the value of the row that was to be inserted. */
export function replaced(columns: object, except: readonly string[]): RawBuilder<unknown> {
  const names = Object.keys(columns).filter((name) => !except.includes(name));
  return sql.join(names.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`));
}

/** Each column takes its value in `v`, or stays unchanged where that is null. */
export function kept<Values>(
  table: keyof Tables,
  values: ValuesTable<Values>,
  names: readonly (keyof Values & string)[],
): RawBuilder<unknown> {
  return sql.join(
    names.map(
      (name) => sql`${sql.ref(name)} = coalesce(${values.column(name)}, ${sql.ref(`${table}.${name}`)})`,
    ),
  );
}
