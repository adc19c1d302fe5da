/** Joins that look up the rows of one table for each row of a short list, through an index. */
import { type Kysely, PostgresAdapter, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Dialect } from './values-table.ts';

export function dialectOf(db: Kysely<Tables>): Dialect {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}

/** The rows of a table whose columns have these values, which come from the rows before it. */
export type LookUp = {
  readonly table: keyof Tables;
  readonly as: string;
  readonly by: Readonly<Record<string, RawBuilder<unknown>>>;
  /** For ids of messages, which are unique within their session alone. */
  readonly session?: RawBuilder<unknown> | undefined;
};

/**
 * Whether the row is one of the session, in look-ups by the id of a message: their indexes have this expression. With
 * the column itself both databases may prefer the index of all rows of a session, and PostgreSQL keeps to that plan when
 * a session has become long: each step of a walk would read all of it.
 */
export function inSession(row: string, session: RawBuilder<unknown> | SessionId): RawBuilder<SqlBool> {
  return sql`${sql.ref(`${row}.session_id`)} || '' = ${session}`;
}

/**
 * What follows `cross join`; conditions may follow it, after `and`.
 *
 * PostgreSQL cannot know how short the list is, and would rather read the whole table: `offset 0` keeps it from
 * planning the inner query together with the outer one. SQLite joins in the written order, since it is a `cross join`.
 */
export function rowsJoined({ table, as, by, session }: LookUp, dialect: Dialect): RawBuilder<unknown> {
  const source = dialect === 'postgres' ? table : as;
  const conditions: RawBuilder<unknown>[] = Object.entries(by).map(
    ([column, value]) => sql`${sql.ref(`${source}.${column}`)} = ${value}`,
  );
  if (session !== undefined) conditions.push(inSession(source, session));
  const all = sql.join(conditions, sql` and `);
  return dialect === 'postgres'
    ? sql`lateral (select * from ${sql.table(table)} where ${all} offset 0) as ${sql.ref(as)} where true`
    : sql`${sql.table(table)} as ${sql.ref(as)} where ${all}`;
}

/** The JSON text of a list of ids: a statement has one text for any number of them. */
export function idsJson(ids: readonly string[]): string {
  return JSON.stringify(ids);
}

/** `(id, ordinal)` of each of the ids, in their order; `json` is that of {@link idsJson}. */
export function idList(db: Kysely<Tables>, json: RawBuilder<unknown> | string): RawBuilder<unknown> {
  return dialectOf(db) === 'postgres'
    ? sql`(select value as id, ordinality as ordinal
        from json_array_elements_text(cast(${json} as json)) with ordinality)`
    : sql`(select value as id, key as ordinal from json_each(${json}))`;
}

type EachOf = Omit<LookUp, 'by'> & { readonly by: string };

/** The rows of a table, as `as`, whose column has one of the ids; the list is `listed`. */
export function eachOf(
  db: Kysely<Tables>,
  ids: readonly string[] | RawBuilder<unknown>,
  { table, as, by, session }: EachOf,
): RawBuilder<unknown> {
  const json = 'compile' in ids ? ids : idsJson(ids);
  const lookUp = { table, as, by: { [by]: sql`listed.id` }, session };
  return sql`${idList(db, json)} as listed cross join ${rowsJoined(lookUp, dialectOf(db))}`;
}
