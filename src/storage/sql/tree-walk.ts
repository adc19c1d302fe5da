/**
 * Parts of statements that walk the tree of a session's messages. Both databases walk step by step through an index:
 * up by a message's id, down by `messages_of_parent`.
 */
import { type RawBuilder, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import { inSession, rowsJoined } from './joined-rows.ts';
import type { Dialect } from './values-table.ts';

export function childrenJoined(
  session: RawBuilder<unknown>,
  parent: RawBuilder<unknown>,
  dialect: Dialect,
): RawBuilder<unknown> {
  return rowsJoined({ table: 'messages', as: 'child', by: { parent_id: parent }, session }, dialect);
}

/**
 * `path(id, parent_id, depth)`: from the message `from`, whose depth is 1, up through its parents; at most `most`
 * messages. `with recursive` comes before it.
 */
export function pathUp(
  session: SessionId | RawBuilder<unknown>,
  from: RawBuilder<unknown>,
  { most, dialect }: { readonly most: number | RawBuilder<unknown>; readonly dialect: Dialect },
): RawBuilder<unknown> {
  const by = { id: sql`path.parent_id` };
  const above = rowsJoined({ table: 'messages', as: 'above', by, session: sql`${session}` }, dialect);
  return sql`path(id, parent_id, depth) as (
    select messages.id, messages.parent_id, 1 from messages
      where messages.id = ${from} and ${inSession('messages', session)}
    union all
    select above.id, above.parent_id, path.depth + 1 from path cross join ${above}
      and path.depth < ${most}
  )`;
}

/** The session's leaf, for {@link pathUp}. */
export function leafOf(session: SessionId | RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select sessions.leaf_id from sessions where sessions.id = ${session})`;
}
