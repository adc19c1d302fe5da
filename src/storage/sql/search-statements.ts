/**
 * The statements that keep the search index beside the rows that it finds, in the transaction that writes those rows
 * (SPEC [SRC5]). An index row has the `position` of its message or session as `rowid`.
 */
import { type RawBuilder, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import { indexTerms } from '../../../schema/search-terms.ts';
import { inSession } from './joined-rows.ts';
import type { MessageTerms } from './projection.ts';
import type { Dialect, RowsStatement } from './values-table.ts';

/** The terms of a text as one column: they have no spaces. */
export function termsText(text: string): string {
  return indexTerms(text).join(' ');
}

export type TitleTerms = { readonly id: SessionId; readonly title: string; readonly terms: string };

export function titleTermsRow(id: SessionId, title: string): TitleTerms {
  return { id, title, terms: termsText(title) };
}

const termsColumns = { id: 'text', session_id: 'text', terms: 'text' } as const;
const titleColumns = { id: 'text', title: 'text', terms: 'text' } as const;

/**
 * Like the message itself, its terms are only written while its session exists. Each statement makes SQLite's index
 * write what it has, as a segment of its own.
 */
export const writeMessageTerms: RowsStatement<MessageTerms> = {
  columns: termsColumns,
  filledUp: true,
  build: (values, dialect) =>
    sql`${insertTerms('message_terms', values.column('terms'), dialect)} from ${values.from}
      join messages as found on found.id = ${values.column('id')}
        and ${inSession('found', values.column('session_id'))}
      join sessions on sessions.id = ${values.column('session_id')} ${replacing(dialect)}`,
};

export const clearMessageTerms: RowsStatement<MessageTerms> = {
  columns: termsColumns,
  build: (values) => sql`delete from message_terms where rowid in
    (select messages.position from ${values.from}
      join messages on messages.id = ${values.column('id')}
        and ${inSession('messages', values.column('session_id'))}
      join sessions on sessions.id = ${values.column('session_id')})`,
};

/** Writes only what is missing: newer terms than these stay. */
export const fillMessageTerms: RowsStatement<MessageTerms> = {
  columns: termsColumns,
  build: (values, dialect) =>
    sql`insert into message_terms (rowid, terms) select found.position, ${vector(values.column('terms'), dialect)}
      from ${values.from} join messages as found on found.id = ${values.column('id')}
        and ${inSession('found', values.column('session_id'))}
      where not exists (select 1 from message_terms as kept where kept.rowid = found.position)
      ${dialect === 'postgres' ? sql`on conflict do nothing` : sql``}`,
};

export const writeTitleTerms: RowsStatement<TitleTerms> = {
  columns: titleColumns,
  build: (values, dialect) =>
    sql`${insertTerms('title_terms', values.column('terms'), dialect)} from ${values.from}
      join sessions as found on found.id = ${values.column('id')} ${replacing(dialect)}`,
};

/** A session is updated with each of its messages; its title seldom is. */
export const changeTitleTerms: RowsStatement<TitleTerms> = {
  columns: titleColumns,
  build: (values, dialect) =>
    sql`${insertTerms('title_terms', values.column('terms'), dialect)} from ${values.from}
      join sessions as found on found.id = ${values.column('id')} and found.title <> ${values.column('title')}
      ${replacing(dialect)}`,
};

export const fillTitleTerms: RowsStatement<TitleTerms> = {
  columns: titleColumns,
  build: (values, dialect) =>
    sql`insert into title_terms (rowid, terms) select found.position, ${vector(values.column('terms'), dialect)}
      from ${values.from} join sessions as found on found.id = ${values.column('id')}
      where found.title = ${values.column('title')}
        and not exists (select 1 from title_terms as kept where kept.rowid = found.position)
      ${dialect === 'postgres' ? sql`on conflict do nothing` : sql``}`,
};

/** Before the rows themselves are deleted. */
export const forgetTerms: readonly RowsStatement<{ id: SessionId }>[] = [
  {
    columns: { id: 'text' },
    build: (values) => sql`delete from message_terms where rowid in (select messages.position
      from ${values.from} join messages on messages.session_id = ${values.column('id')})`,
  },
  {
    columns: { id: 'text' },
    build: (values) => sql`delete from title_terms where rowid in (select sessions.position
      from ${values.from} join sessions on sessions.id = ${values.column('id')})`,
  },
];

function insertTerms(
  table: 'message_terms' | 'title_terms',
  terms: RawBuilder<unknown>,
  dialect: Dialect,
): RawBuilder<unknown> {
  const insert = dialect === 'sqlite' ? sql`insert or replace into` : sql`insert into`;
  return sql`${insert} ${sql.table(table)} (rowid, terms) select found.position, ${vector(terms, dialect)}`;
}

function replacing(dialect: Dialect): RawBuilder<unknown> {
  return dialect === 'sqlite'
    ? sql``
    : sql`on conflict (rowid) do update set terms = ${sql.ref('excluded.terms')}`;
}

function vector(terms: RawBuilder<unknown>, dialect: Dialect): RawBuilder<unknown> {
  return dialect === 'sqlite' ? terms : sql`array_to_tsvector(string_to_array(${terms}, ' '))`;
}
