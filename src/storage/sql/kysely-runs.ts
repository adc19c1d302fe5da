/** The runs of a session's current branch (SPEC [JRN23], [TREE28]). */
import { type Kysely, sql } from 'kysely';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import { dialectOf, rowsJoined } from './joined-rows.ts';
import { type PathMessage, tracesOf, turnsOfPath } from './kysely-turns.ts';
import { pathUp } from './tree-walk.ts';

type Run = { readonly id: TurnId; readonly promptId: MessageId; readonly trace: Trace };

/** Oldest first. Walks up in parts, until there are enough. */
export async function newestRuns(
  db: Kysely<Tables>,
  session: SessionId,
  limit: number,
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  const wanted = await turnCount(db, session, limit);
  let from = await leafId(db, session);
  let below: PathMessage | undefined;
  // A turn has a question and an answer. Each part is twice the one before: few statements, whatever is in between.
  for (let size = 2 * limit; size <= limits.treeWalkMessagesMax; size *= 2) {
    if (from === null || runs.length >= wanted) break;
    const part = await pathOfIds(db, session, from, size);
    const top = part[0];
    if (top === undefined) break;
    const path = below === undefined ? part : [...part, below];
    const turns = await turnsOfPath(db, session, path, { last: below === undefined });
    const traces = await tracesOf(db, turns);
    const found = turns
      .filter(({ answer_id }) => answer_id !== below?.id)
      .flatMap(({ id, prompt_id, trace_id }) => {
        const trace = traces.get(trace_id);
        return trace === undefined ? [] : [{ id, promptId: prompt_id, trace }];
      });
    runs.unshift(...found);
    below = top;
    from = top.parentId;
  }
  return runs.slice(-limit);
}

/** How many turns have begun, up to `most`: where there are no more, nobody need look for them. */
async function turnCount(db: Kysely<Tables>, session: SessionId, most: number): Promise<number> {
  const rows = await db
    .selectFrom('turns')
    .select('id')
    .where('session_id', '=', session)
    .where('status', '!=', 'queued')
    .limit(most)
    .execute();
  return rows.length;
}

async function leafId(db: Kysely<Tables>, session: SessionId): Promise<MessageId | null> {
  const row = await db.selectFrom('sessions').select('leaf_id').where('id', '=', session).executeTakeFirst();
  return row?.leaf_id ?? null;
}

type PathId = PathMessage & { readonly parentId: MessageId | null };

type PathRow = {
  readonly id: MessageId;
  readonly parent_id: MessageId | null;
  readonly prompt_id: MessageId | null;
  readonly created_at: number;
};

/** Oldest first. */
async function pathOfIds(
  db: Kysely<Tables>,
  session: SessionId,
  from: MessageId,
  most: number,
): Promise<readonly PathId[]> {
  const dialect = dialectOf(db);
  const message = rowsJoined(
    { table: 'messages', as: 'message', by: { id: sql`path.id` }, session: sql`${session}` },
    dialect,
  );
  const { rows } = await sql<PathRow>`with recursive ${pathUp(session, sql`${from}`, { most, dialect })}
    select message.id, message.parent_id, message.prompt_id, message.created_at
    from path cross join ${message}
    order by path.depth desc`.execute(db);
  return rows.map(({ id, parent_id, prompt_id, created_at }) => ({
    id,
    parentId: parent_id,
    createdAt: isoTimestamp(created_at),
    ...(prompt_id === null ? {} : { promptId: prompt_id }),
  }));
}
