/**
 * Finds sessions, for both databases. A text is looked for in the index of titles and in that of messages; the newest
 * matches of each, up to `searchMatchesMax`, are ranked here, so that both databases rank alike (SPEC [SRC6]).
 */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { searchSnippet } from '../../../schema/search-snippet.ts';
import { type SoughtTerm, soughtTerms } from '../../../schema/search-terms.ts';
import type { FoundSession, SearchSnippet, SessionQuery } from '../../../schema/session-search.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { dialectOf, rowsJoined } from './joined-rows.ts';
import { listedSessions, passes } from './listed-sessions.ts';
import { sessionOf } from './stored-rows.ts';
import { fewVisiblePositions, isVisible } from './visible-sessions.ts';

export function foundSessions(db: Kysely<Tables>, query: SessionQuery): Promise<readonly FoundSession[]> {
  return query.q === undefined ? listedSessions(db, query) : sessionsWith(db, query, query.q);
}

type Match = {
  readonly session_id: SessionId;
  readonly updated_at: number;
  readonly session_position: number;
  /** Of a message, whose id alone does not say which one it is; null: it is a title. */
  readonly message_position: number | null;
};

/** `messages`: their positions. */
type Ranked = Match & { readonly messages: number[]; readonly hasTitle: boolean };

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
    return [{ ...session, snippets: one.messages.flatMap((position) => snippets.get(position) ?? []) }];
  });
}

/** Titles first, then the last update; each session once, with its newest messages. */
function ranked(titles: readonly Match[], messages: readonly Match[]): Ranked[] {
  const byId = new Map<SessionId, Ranked>();
  for (const match of titles) byId.set(match.session_id, { ...match, messages: [], hasTitle: true });
  for (const match of messages) {
    const known = byId.get(match.session_id) ?? { ...match, messages: [], hasTitle: false };
    byId.set(match.session_id, known);
    if (match.message_position !== null && known.messages.length < limits.searchSnippetsMax) {
      known.messages.push(match.message_position);
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
async function titleMatches(db: Kysely<Tables>, query: SessionQuery, sought: readonly SoughtTerm[]) {
  const newest = await newestMatches(db, 'title_terms', query, sought);
  return await db
    .selectFrom(newest.as('match'))
    .crossJoin('sessions')
    .select(['sessions.id as session_id', 'sessions.updated_at', 'sessions.position as session_position'])
    .select(sql<null>`null`.as('message_position'))
    .whereRef('sessions.position', '=', 'match.rowid')
    .where((eb) => passes(eb, query))
    .orderBy('match.rowid', 'desc')
    .limit(limits.searchMatchesMax)
    .execute();
}

async function messageMatches(db: Kysely<Tables>, query: SessionQuery, sought: readonly SoughtTerm[]) {
  const newest = await newestMatches(db, 'message_terms', query, sought);
  return await db
    .selectFrom(newest.as('match'))
    .crossJoin('messages')
    .crossJoin('sessions')
    .select(['sessions.id as session_id', 'sessions.updated_at', 'sessions.position as session_position'])
    .select('messages.position as message_position')
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
async function newestMatches(
  db: Kysely<Tables>,
  table: 'message_terms' | 'title_terms',
  { status, activity, updatedAfter, updatedBefore, participant, agent, visibleTo }: SessionQuery,
  sought: readonly SoughtTerm[],
): Promise<RawBuilder<{ rowid: number }>> {
  const filter = status ?? activity ?? updatedAfter ?? updatedBefore ?? participant ?? agent;
  const limit = filter === undefined ? limits.searchMatchesMax : limits.searchFilteredMax;
  const newest = sql`order by rowid desc limit ${limit}`;
  const terms = sql.table(table);
  const found = matches(db, table, sought);
  if (visibleTo === undefined) return sql`(select rowid from ${terms} where ${found} ${newest})`;
  const isPostgres = dialectOf(db) === 'postgres';
  const rows = table === 'title_terms' ? 'sessions' : 'messages';
  const few = await fewVisiblePositions(db, rows, visibleTo);
  if (few !== null && isPostgres) {
    const joined = rowsJoined({ table, as: table, by: { rowid: sql.ref('few.position') } }, 'postgres');
    return sql`(select rowid from (${few}) as few cross join ${joined} and ${found} ${newest})`;
  }
  // `+`, because SQLite would search once for each of them.
  if (few !== null) return sql`(select rowid from ${terms} where ${found} and +rowid in (${few}) ${newest})`;
  const session = (position: string) =>
    sql`(select said.${sql.ref(rows === 'sessions' ? 'id' : 'session_id')} from ${sql.table(rows)} as said
      where said.position = ${sql.ref(position)})`;
  // PostgreSQL would look up the session of every match, and then take the newest.
  return isPostgres
    ? sql`(select rowid from (select rowid from ${terms} where ${found} order by rowid desc offset 0) as found
        where ${isVisible(session('found.rowid'), visibleTo)} ${newest})`
    : sql`(select rowid from ${terms}
        where ${found} and ${isVisible(session(`${table}.rowid`), visibleTo)} ${newest})`;
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
  positions: readonly number[],
  sought: readonly SoughtTerm[],
): Promise<ReadonlyMap<number, SearchSnippet>> {
  if (positions.length === 0) return new Map();
  const rows = await db
    .selectFrom('messages')
    .select(['position', 'id'])
    .select(sql<string>`substr(content, 1, ${sql.lit(limits.searchTextUnitsMax)})`.as('text'))
    .where('position', 'in', positions)
    .execute();
  return new Map(
    rows.map(({ position, id, text }) => [position, { messageId: id, text: searchSnippet(text, sought) }]),
  );
}
