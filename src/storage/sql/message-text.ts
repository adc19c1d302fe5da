/** Messages with the pieces of their text that are checkpointed and not yet written whole. */
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { MessagesTable, Tables } from '../../../schema/storage/tables.ts';
import { inSession } from './joined-rows.ts';
import { readQuery, type Value } from './read-query.ts';
import { messagesOf } from './stored-rows.ts';

/** One statement, so that a message is never read before, and its pieces after, it is written whole. */
export function withPieces(
  db: Kysely<Tables>,
  messages: SelectQueryBuilder<Tables, 'messages', Selectable<MessagesTable>>,
) {
  return db
    .selectFrom(messages.as('message'))
    .leftJoin('message_pieces as piece', (join) =>
      join.onRef('piece.session_id', '=', 'message.session_id').onRef('piece.message_id', '=', 'message.id'),
    )
    .selectAll('message')
    .select(['piece.offset_units', 'piece.text', 'piece.marks as piece_marks'])
    .orderBy('message.position')
    .orderBy('piece.position');
}

export async function readMessage(
  db: Kysely<Tables>,
  session: SessionId,
  id: MessageId,
): Promise<MessageFact | undefined> {
  return messagesOf(await messageRead(db, { session, id }))[0];
}

const messageRead = readQuery((db, value: Value<{ session: SessionId; id: MessageId }>) =>
  withPieces(
    db,
    db
      .selectFrom('messages')
      .selectAll()
      .where('id', '=', value('id'))
      .where(inSession('messages', value('session'))),
  ),
);
