/**
 * A query that is read often: built and compiled once for each database, so that later reads only bind their values.
 * Building a small query anew costs about as much as SQLite takes to answer it (docs/hot-path.md).
 */
import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../../../schema/storage/tables.ts';

/** The values that each read gives, by name. */
type Values<Given> = Readonly<Record<keyof Given, string | number>>;

/** A query builder's query, or raw SQL. */
type Built<Row> = { readonly compile: (db: Kysely<Tables>) => CompiledQuery<Row> };

/** Puts a value into the query by its name. */
export type Value<Given> = <Name extends keyof Given & string>(name: Name) => RawBuilder<Given[Name]>;

/**
 * `build` is called once for each database: what it makes of anything but its values stays as it was.
 *
 * @example
 * const titles = readQuery((db, value: Value<{ id: SessionId }>) =>
 *   db.selectFrom('sessions').select('title').where('id', '=', value('id')),
 * );
 * const rows = await titles(db, { id: session });
 */
export function readQuery<Given extends Values<Given>, Row>(
  build: (db: Kysely<Tables>, value: Value<Given>) => Built<Row>,
): (db: Kysely<Tables>, given: Given) => Promise<Row[]> {
  const compiled = new WeakMap<Kysely<Tables>, CompiledQuery<Row>>();
  return async (db, given) => {
    let query = compiled.get(db);
    if (query === undefined) {
      query = build(db, (name) => sql`${sql.val(new Placeholder(name))}`).compile(db);
      compiled.set(db, query);
    }
    const values: Values<Record<string, unknown>> = given;
    const parameters = query.parameters.map((one) => (one instanceof Placeholder ? values[one.name] : one));
    const bound: CompiledQuery<Row> = { ...query, parameters };
    return (await db.executeQuery(bound)).rows;
  };
}

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}
