/** Where a message stands in the tree of its session: costs what is beside and below the message. */
import { type Kysely, sql } from 'kysely';
import { type MessageFact, startsTurn } from '../../../schema/chat-message.ts';
import type { StoredPlace } from '../../../schema/commands.ts';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { dialectOf } from './looked-up.ts';
import { readMessage } from './message-text.ts';
import { childrenOf } from './tree-walk.ts';

export async function readPlace(
  db: Kysely<Tables>,
  session: SessionId,
  id: MessageId,
): Promise<StoredPlace | undefined> {
  const message = await readMessage(db, id);
  if (message === undefined || message.sessionId !== session) return undefined;
  const parent = message.parentId ?? null;
  const [prompt, family, openTurns] = await Promise.all([
    promptOf(db, message),
    message.queueRank === undefined ? readFamily(db, session, id, parent) : [],
    message.queueRank === undefined ? [] : openTurnsOf(db, session, id),
  ]);
  const messageOf = (kind: FamilyRow['kind']) => family.find((row) => row.kind === kind)?.message_id ?? null;
  const newestLeafId = messageOf('newest leaf') ?? id;
  return {
    message,
    prompt: prompt ?? null,
    hasChildren: newestLeafId !== id,
    newestLeafId,
    isOnBranch: messageOf('current leaf') !== null,
    leafWithoutId: messageOf('leaf beside') ?? parent,
    openTurns: [...openTurns, ...family.flatMap(({ turn_id }) => turn_id ?? [])],
  };
}

async function promptOf(db: Kysely<Tables>, message: MessageFact): Promise<MessageFact | undefined> {
  if (message.promptId !== undefined) return readMessage(db, message.promptId);
  return startsTurn(message.role) ? message : undefined;
}

async function openTurnsOf(
  db: Kysely<Tables>,
  session: SessionId,
  prompt: MessageId,
): Promise<readonly TurnId[]> {
  const rows = await db
    .selectFrom('turns')
    .select('id')
    .where('prompt_id', '=', prompt)
    .where('session_id', '=', session)
    .where('status', 'in', ['queued', 'running'])
    .orderBy('rank')
    .orderBy('position')
    .execute();
  return rows.map((row) => row.id);
}

type FamilyRow = {
  readonly kind: 'newest leaf' | 'leaf beside' | 'current leaf' | 'open turn';
  readonly message_id: MessageId | null;
  readonly turn_id: TurnId | null;
};

/**
 * One walk: down from the message and from those beside it. `inside` is 1 for the message and what is below it. `union`
 * ends by itself: no message is visited twice.
 */
async function readFamily(
  db: Kysely<Tables>,
  session: SessionId,
  id: MessageId,
  parent: MessageId | null,
): Promise<readonly FamilyRow[]> {
  const beside = parent === null ? sql`messages.parent_id is null` : sql`messages.parent_id = ${parent}`;
  const newest = (kind: FamilyRow['kind'], inside: 0 | 1) => sql`select * from (
    select ${sql.lit(kind)} as kind, leaf.id as message_id, null as turn_id, 0 as rank, 0 as position
      from family as leaf where leaf.inside = ${sql.lit(inside)}
        and leaf.id not in (select family.parent_id from family where family.parent_id is not null)
      order by leaf.position desc limit 1) as newest`;
  const { rows } = await sql<FamilyRow>`with recursive family(id, parent_id, position, inside) as (
      select messages.id, messages.parent_id, messages.position, case when messages.id = ${id} then 1 else 0 end
        from messages
        where messages.session_id = ${session} and messages.queue_rank is null and ${beside}
      union
      select child.id, child.parent_id, child.position, family.inside
        from family cross join ${childrenOf(sql`${session}`, sql`family.id`, dialectOf(db))}
    )
    ${newest('newest leaf', 1)}
    union all ${newest('leaf beside', 0)}
    union all select 'current leaf', family.id, null, 0, 0 from sessions join family
      on family.id = sessions.leaf_id where sessions.id = ${session} and family.inside = 1
    union all select 'open turn', null, turns.id, turns.rank, turns.position from turns join family
      on family.id = turns.prompt_id
      where turns.session_id = ${session} and turns.status in ('queued', 'running') and family.inside = 1
    order by 4, 5`.execute(db);
  return rows;
}
