/** Finding sessions in memory: row by row, with the terms that the databases keep too, and ranking of its own. */
import type { ChatSession } from '../../schema/chat-session.ts';
import { limits } from '../../schema/limits.ts';
import { searchSnippet } from '../../schema/search-snippet.ts';
import { indexTerms, isAmong, soughtTerms } from '../../schema/search-terms.ts';
import type { FoundSession, SessionQuery } from '../../schema/session-search.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import type { MemoryTables } from './memory-tables.ts';

export function foundInMemory(tables: MemoryTables, query: SessionQuery): readonly FoundSession[] {
  // Newest update first, which is also the order within each rank.
  const passing = tables.sessions((session) => passes(tables, session, query));
  const { q } = query;
  const all = q === undefined ? passing : foundIn(tables, passing, q);
  const first = query.before === undefined ? 0 : 1 + all.findIndex(({ id }) => id === query.before);
  return first === 0 && query.before !== undefined ? [] : all.slice(first, first + query.limit);
}

function passes(tables: MemoryTables, session: ChatSession, query: SessionQuery): boolean {
  if (!tables.owners.shows(session.id, query.visibleTo)) return false;
  const updated = millisecondsOf(session.updatedAt);
  return (
    (query.participant === undefined || tables.participants.has(session.id, query.participant)) &&
    (query.agent === undefined || tables.participants.has(session.id, query.agent, 'agent')) &&
    (query.status === undefined || session.status === query.status) &&
    (query.activity === undefined || tables.activity(session.id) === query.activity) &&
    (query.updatedAfter === undefined || updated > query.updatedAfter) &&
    (query.updatedBefore === undefined || updated < query.updatedBefore)
  );
}

function foundIn(tables: MemoryTables, passing: readonly ChatSession[], q: string): FoundSession[] {
  const sought = soughtTerms(q);
  const has = (text: string) => {
    const terms = indexTerms(text);
    return sought.length > 0 && sought.every((term) => isAmong(term, terms));
  };
  const newest = tables.searchableMessages().toReversed();
  const found = passing.flatMap((session) => {
    const snippets = newest
      .filter(({ message, text }) => message.sessionId === session.id && has(text))
      .slice(0, limits.searchSnippetsMax)
      .map(({ message, text }) => ({ messageId: message.id, text: searchSnippet(text, sought) }));
    const hasTitle = has(session.title);
    return hasTitle || snippets.length > 0 ? [{ hasTitle, session: { ...session, snippets } }] : [];
  });
  const [titled, others] = [found.filter((one) => one.hasTitle), found.filter((one) => !one.hasTitle)];
  return [...titled, ...others].map(({ session }) => session);
}
