/**
 * Makes the rows of a store from before the search findable, the newest first, in small steps beside the ordinary work
 * (SPEC [SRC9]). A step that is repeated, after a crash say, changes nothing.
 */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { fillMessageTerms, fillTitleTerms, termsText, titleTermsRow } from './search-statements.ts';
import { RowsCompiler, type Statement } from './values-table.ts';

/** Does one step, and resolves with whether more is left. Rejects with the database's own error. */
export type SearchBackfill = () => Promise<boolean>;

export function searchBackfill(db: Kysely<Tables>): SearchBackfill {
  const compiler = new RowsCompiler(db);
  return async () => {
    // Titles are few, and found first.
    const left = await db
      .selectFrom('search_backfill')
      .selectAll()
      .orderBy('kind', 'desc')
      .executeTakeFirst();
    if (left === undefined) return false;
    const { kind, below } = left;
    const { statements, oldest } =
      kind === 'sessions' ? await titles(db, compiler, below) : await messages(db, compiler, below);
    for (const statement of statements) {
      await db.executeQuery(CompiledQuery.raw(statement.sql, [...statement.parameters]));
    }
    if (oldest === undefined) await db.deleteFrom('search_backfill').where('kind', '=', kind).execute();
    else await db.updateTable('search_backfill').set({ below: oldest }).where('kind', '=', kind).execute();
    return true;
  };
}

type Step = { readonly statements: readonly Statement[]; readonly oldest: number | undefined };

async function titles(db: Kysely<Tables>, compiler: RowsCompiler, below: number): Promise<Step> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'position', 'title'])
    .where('position', '<', below)
    .orderBy('position', 'desc')
    .limit(limits.searchBackfillRows)
    .execute();
  const terms = rows.map(({ id, title }) => titleTermsRow(id, title));
  return { statements: compiler.compile(fillTitleTerms, terms), oldest: rows.at(-1)?.position };
}

async function messages(db: Kysely<Tables>, compiler: RowsCompiler, below: number): Promise<Step> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'session_id', 'position'])
    .select(sql<string>`substr(content, 1, ${sql.lit(limits.searchTextUnitsMax)})`.as('text'))
    .where('position', '<', below)
    .orderBy('position', 'desc')
    .limit(limits.searchBackfillRows)
    .execute();
  const terms = rows
    .map(({ id, session_id, text }) => ({ id, session_id, terms: termsText(text) }))
    .filter((row) => row.terms !== '');
  return { statements: compiler.compile(fillMessageTerms, terms), oldest: rows.at(-1)?.position };
}
