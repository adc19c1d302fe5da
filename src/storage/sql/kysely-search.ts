/**
 * Finds sessions, for both databases. A text is looked for in the index of titles and in that of messages; the newest
 * matches of each, up to `searchMatchesMax`, are ranked here, so that both databases rank alike (SPEC [SRC6]).
 */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { searchSnippet } from '../../../schema/search-snippet.ts';
import { type SoughtTerm, soughtTerms } from '../../../schema/search-terms.ts';
import type { FoundSession, SearchSnippet, SessionQuery } from '../../../schema/session-search.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { listedSessions, passes } from './listed-sessions.ts';
import { sessionOf } from './stored-rows.ts';
import { isVisible } from './visible-sessions.ts';

export function foundSessions(db: Kysely<Tables>, query: SessionQuery): Promise<readonly FoundSession[]> {
  return query.q === undefined ? listedSessions(db, query) : sessionsWith(db, query, query.q);
}

type Match = {
  readonly session_id: SessionId;
  readonly updated_at: number;
  readonly session_position: number;
  readonly message_id: MessageId | null;
};

type Ranked = Match & { readonly messages: MessageId[]; readonly hasTitle: boolean };

async function sessionsWith(
  db: Kysely<Tables>,
  query: SessionQuery,
  text: string,
): Promise<readonly FoundSession[]> {
  const sought = soughtTerms(text);
  if (sought.length === 0) return [];
  const [titles, messages] = await Promise.all([
    titleMatches(db, query, sought),
    messageMatches(db, query, sought),
  ]);
  const all = ranked(titles, messages);
  const first = query.before === undefined ? 0 : 1 + all.findIndex((one) => one.session_id === query.before);
  if (first === 0 && query.before !== undefined) return [];
  const page = all.slice(first, first + query.limit);
  if (page.length === 0) return [];
  const [rows, snippets] = await Promise.all([
    db
      .selectFrom('sessions')
      .selectAll()
      .where(
        'id',
        'in',
        page.map((one) => one.session_id),
      )
      .execute(),
    snippetsOf(
      db,
      page.flatMap((one) => one.messages),
      sought,
    ),
  ]);
  const sessions = new Map(rows.map((row) => [row.id, sessionOf(row)]));
  return page.flatMap((one) => {
    const session = sessions.get(one.session_id);
    if (session === undefined) return [];
    return [{ ...session, snippets: one.messages.flatMap((id) => snippets.get(id) ?? []) }];
  });
}

/** Titles first, then the last update; each session once, with its newest messages. */
function ranked(titles: readonly Match[], messages: readonly Match[]): Ranked[] {
  const byId = new Map<SessionId, Ranked>();
  for (const match of titles) byId.set(match.session_id, { ...match, messages: [], hasTitle: true });
  for (const match of messages) {
    const known = byId.get(match.session_id) ?? { ...match, messages: [], hasTitle: false };
    byId.set(match.session_id, known);
    if (match.message_id !== null && known.messages.length < limits.searchSnippetsMax) {
      known.messages.push(match.message_id);
    }
  }
  return [...byId.values()].sort(
    (a, b) =>
      Number(b.hasTitle) - Number(a.hasTitle) ||
      b.updated_at - a.updated_at ||
      b.session_position - a.session_position,
  );
}

/** `cross join` keeps SQLite from beginning with another table than the newest matches. */
function titleMatches(db: Kysely<Tables>, query: SessionQuery, sought: readonly SoughtTerm[]) {
  return db
    .selectFrom(newestMatches(db, 'title_terms', query, sought).as('match'))
    .crossJoin('sessions')
    .select(['sessions.id as session_id', 'sessions.updated_at', 'sessions.position as session_position'])
    .select(sql<null>`null`.as('message_id'))
    .whereRef('sessions.position', '=', 'match.rowid')
    .where((eb) => passes(eb, query))
    .orderBy('match.rowid', 'desc')
    .limit(limits.searchMatchesMax)
    .execute();
}

function messageMatches(db: Kysely<Tables>, query: SessionQuery, sought: readonly SoughtTerm[]) {
  return db
    .selectFrom(newestMatches(db, 'message_terms', query, sought).as('match'))
    .crossJoin('messages')
    .crossJoin('sessions')
    .select(['sessions.id as session_id', 'sessions.updated_at', 'sessions.position as session_position'])
    .select('messages.id as message_id')
    .whereRef('messages.position', '=', 'match.rowid')
    .whereRef('sessions.id', '=', 'messages.session_id')
    .where((eb) => passes(eb, query))
    .orderBy('match.rowid', 'desc')
    .limit(limits.searchMatchesMax)
    .execute();
}

/**
 * Filters look at more of them than are ranked, but not at all: a common word would keep the database busy. What a
 * principal does not see is not among them, so it takes nobody's place.
 */
function newestMatches(
  db: Kysely<Tables>,
  table: 'message_terms' | 'title_terms',
  { status, activity, updatedAfter, updatedBefore, participant, agent, visibleTo }: SessionQuery,
  sought: readonly SoughtTerm[],
) {
  const filter = status ?? activity ?? updatedAfter ?? updatedBefore ?? participant ?? agent;
  const isFiltered = filter !== undefined;
  const newest = db
    .selectFrom(table)
    .select('rowid')
    .where(matches(db, table, sought))
    .orderBy('rowid', 'desc')
    .limit(isFiltered ? limits.searchFilteredMax : limits.searchMatchesMax);
  return visibleTo === undefined ? newest : newest.where(isVisible(sessionOfMatch(table), visibleTo));
}

function sessionOfMatch(table: 'message_terms' | 'title_terms'): RawBuilder<unknown> {
  const position = sql.ref(`${table}.rowid`);
  return table === 'title_terms'
    ? sql`(select found.id from sessions as found where found.position = ${position})`
    : sql`(select found.session_id from messages as found where found.position = ${position})`;
}

/** Every term is quoted, and consists of letters, digits and emoji only: neither database reads operators in it. */
function matches(
  db: Kysely<Tables>,
  table: 'message_terms' | 'title_terms',
  sought: readonly SoughtTerm[],
): RawBuilder<boolean> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    const query = sought.map(({ text, isPrefix }) => `'${text}'${isPrefix ? ':*' : ''}`).join(' & ');
    return sql`${sql.ref(`${table}.terms`)} @@ cast(${query} as tsquery)`;
  }
  const query = sought.map(({ text, isPrefix }) => `"${text}"${isPrefix ? '*' : ''}`).join(' ');
  return sql`${sql.table(table)} match ${query}`;
}

async function snippetsOf(
  db: Kysely<Tables>,
  ids: readonly MessageId[],
  sought: readonly SoughtTerm[],
): Promise<ReadonlyMap<MessageId, SearchSnippet>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('messages')
    .select('id')
    .select(sql<string>`substr(content, 1, ${sql.lit(limits.searchTextUnitsMax)})`.as('text'))
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, text }) => [id, { messageId: id, text: searchSnippet(text, sought) }]));
}
