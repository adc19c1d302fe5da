/** Where a message stands in the tree of its session. */
import type { Kysely } from 'kysely';
import { type MessageFact, startsTurn } from '../../../schema/chat-message.ts';
import type { StoredPlace } from '../../../schema/commands.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { placesOf } from '../../../schema/turn-record.ts';
import { readMessage } from './message-text.ts';
import { readOutline } from './tree-outline.ts';

export async function readPlace(
  db: Kysely<Tables>,
  session: SessionId,
  id: MessageId,
): Promise<StoredPlace | undefined> {
  const message = await readMessage(db, session, id);
  if (message === undefined) return undefined;
  const [prompt, open] = await Promise.all([promptOf(db, message), openTurns(db, session)]);
  if (message.queueRank !== undefined) {
    return {
      message,
      prompt: prompt ?? null,
      hasChildren: false,
      newestLeafId: id,
      isOnBranch: false,
      leafWithoutId: null,
      openTurns: open.flatMap(({ turnId, places }) => (places.includes(id) ? turnId : [])),
    };
  }
  const [outline, leaf] = await Promise.all([readOutline(db, session), leafOf(db, session)]);
  const kinship = outline.kinship(id);
  return {
    message,
    prompt: prompt ?? null,
    hasChildren: outline.hasChildren(id),
    newestLeafId: outline.newestLeaf((one) => kinship(one) === 'inside') ?? id,
    isOnBranch: leaf !== null && kinship(leaf) === 'inside',
    leafWithoutId: outline.newestLeaf((one) => kinship(one) === 'beside') ?? message.parentId ?? null,
    openTurns: open.flatMap(({ turnId, places }) =>
      places.some((place) => kinship(place) === 'inside') ? turnId : [],
    ),
  };
}

async function promptOf(db: Kysely<Tables>, message: MessageFact): Promise<MessageFact | undefined> {
  if (message.promptId !== undefined) return readMessage(db, message.sessionId, message.promptId);
  return startsTurn(message.role) ? message : undefined;
}

async function leafOf(db: Kysely<Tables>, session: SessionId): Promise<MessageId | null> {
  const row = await db.selectFrom('sessions').select('leaf_id').where('id', '=', session).executeTakeFirst();
  return row?.leaf_id ?? null;
}

async function openTurns(db: Kysely<Tables>, session: SessionId) {
  const rows = await db
    .selectFrom('turns')
    .select(['id', 'prompt_id', 'pushed'])
    .where('session_id', '=', session)
    .where('status', 'in', ['queued', 'running'])
    .orderBy('rank')
    .orderBy('position')
    .execute();
  return rows.map(({ id, prompt_id: promptId, pushed }) => ({
    turnId: id,
    places: placesOf({ promptId, pushed: pushed === null ? undefined : JSON.parse(pushed) }),
  }));
}
