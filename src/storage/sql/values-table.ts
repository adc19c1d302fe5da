/**
 * Many rows in one statement, guarded by what is already stored: `insert … select … from (values …)` and `update …
 * from (values …)`, which SQLite and PostgreSQL both accept. `values` names its columns `column1`, `column2`, … in
 * both. PostgreSQL treats every parameter in it as text, so numbers are cast back.
 *
 * SQL is compiled once per statement and number of rows: the parameters are in row order, so later batches only bind
 * their values. Rows are written in groups of powers of two, so each statement has few texts, and prepared statements
 * are reused.
 */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { storableText } from '../../../schema/text.ts';

/** A statement with its parameters. */
export type Statement = {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
};

/** For the few statements that cannot be the same for both. */
export type Dialect = 'sqlite' | 'postgres';

export type Parameter = string | number | null;
export type ColumnKind = 'text' | 'number';

/** How to write rows of a table. `Columns` maps each column to its kind. */
export type RowsStatement<Row> = {
  readonly columns: { readonly [Column in keyof Row & string]: ColumnKind };
  /** Builds the statement around `values`, a parenthesised list of rows. */
  readonly build: (values: ValuesTable<Row>, dialect: Dialect) => RawBuilder<unknown>;
  /**
   * As few statements as possible: rows of nulls fill up the last group. For statements that cost more each than rows
   * do, and that write nothing for a row of nulls.
   */
  readonly filledUp?: boolean;
};

export type ValuesTable<Row> = {
  /** `(values …) as v`. */
  readonly from: RawBuilder<unknown>;
  /** A column of `v`, cast to its kind. */
  readonly column: (name: keyof Row & string) => RawBuilder<unknown>;
  /** The row's number, for `order by`. */
  readonly ordinal: RawBuilder<unknown>;
};

const vName = sql.ref('v');

/** Compiles rows statements, and caches the SQL of each for each number of rows. */
export class RowsCompiler {
  readonly #db: Kysely<Tables>;
  readonly #dialect: Dialect;
  /** Bounded: one text per statement and power of two up to `statementRowsMax`. */
  readonly #texts = new Map<unknown, Map<number, string>>();

  constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.#dialect = db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
  }

  /** No rows make no statement; a number of rows that is not a power of two makes several. */
  compile<Row extends Readonly<Record<keyof Row, Parameter>>>(
    statement: RowsStatement<Row>,
    rows: readonly Row[],
  ): Statement[] {
    const statements: Statement[] = [];
    const names = columnNames(statement.columns);
    for (let start = 0; start < rows.length; ) {
      const count = groupSize(rows.length - start, statement.filledUp === true);
      const parameters: Parameter[] = [];
      for (const [ordinal, row] of rows.slice(start, start + count).entries()) {
        parameters.push(ordinal);
        for (const name of names) parameters.push(storable(row[name]));
      }
      for (let ordinal = rows.length - start; ordinal < count; ordinal++) {
        parameters.push(ordinal);
        for (const _ of names) parameters.push(null);
      }
      statements.push({
        sql: this.#text(statement, count),
        parameters,
      });
      start += count;
    }
    return statements;
  }

  #text<Row>(statement: RowsStatement<Row>, rowCount: number): string {
    let texts = this.#texts.get(statement);
    if (texts === undefined) {
      texts = new Map();
      this.#texts.set(statement, texts);
    }
    let text = texts.get(rowCount);
    if (text === undefined) {
      text = statement.build(valuesTable(statement.columns, rowCount), this.#dialect).compile(this.#db).sql;
      texts.set(rowCount, text);
    }
    return text;
  }
}

/** The power of two that is next to `count`, which is at least 1: below it, or above it if the group is filled up. */
function groupSize(count: number, filledUp: boolean): number {
  const power = filledUp ? 32 - Math.clz32(count - 1) : 31 - Math.clz32(count);
  return Math.min(limits.statementRowsMax, 2 ** power);
}

function valuesTable<Row>(columns: RowsStatement<Row>['columns'], rowCount: number): ValuesTable<Row> {
  const names = columnNames(columns);
  // Every value is a parameter with a placeholder value: only the text of the SQL is kept.
  const row = sql`(${sql.join(Array.from({ length: names.length + 1 }, () => sql.val(0)))})`;
  const rows = sql.join(Array.from({ length: rowCount }, () => row));
  return {
    from: sql`(values ${rows}) as ${vName}`,
    ordinal: sql`cast(${sql.ref('v.column1')} as bigint)`,
    column: (name) => {
      const reference = sql.ref(`v.column${names.indexOf(name) + 2}`);
      return columns[name] === 'number' ? sql`cast(${reference} as bigint)` : reference;
    },
  };
}

export function columnNames<Columns extends object>(columns: Columns): (keyof Columns & string)[] {
  const names: (keyof Columns & string)[] = [];
  for (const name in columns) names.push(name);
  return names;
}

/**
 * Replaces the characters that the databases cannot store, so that no text makes a whole batch unwritable (SPEC
 * [JRN8]).
 */
function storable(value: Parameter): Parameter {
  return typeof value === 'string' ? storableText(value) : value;
}
