/** How long the conversation of a session is: what the execution tree tells of it. */
import { type Kysely, sql } from 'kysely';
import type { HistorySize } from '../../../schema/execution-tree.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { dialectOf, rowsJoined } from './joined-rows.ts';
import { readQuery, type Value } from './read-query.ts';
import { leafOf, pathUp } from './tree-walk.ts';

export async function historySize(db: Kysely<Tables>, session: SessionId): Promise<HistorySize> {
  const [row] = await sizeRead(db, { session });
  return { messages: row?.messages ?? 0, bytes: row?.bytes ?? 0 };
}

const sizeRead = readQuery((db, value: Value<{ session: SessionId }>) => {
  const dialect = dialectOf(db);
  const path = pathUp(value('session'), leafOf(value('session')), {
    most: sql.lit(limits.listRowsMax),
    dialect,
  });
  const by = { id: sql`path.id` };
  const message = rowsJoined({ table: 'messages', as: 'message', by, session: value('session') }, dialect);
  return sql<HistorySize>`with recursive ${path}
    select count(*) as messages, coalesce(sum(octet_length(message.content)), 0) as bytes
      from path cross join ${message}`;
});
