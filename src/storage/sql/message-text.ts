/** Messages with the pieces of their text that are checkpointed and not yet written whole. */
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import type { MessagesTable, Tables } from '../../../schema/storage/tables.ts';

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
    .select(['piece.offset_units', 'piece.text'])
    .orderBy('message.position')
    .orderBy('piece.position');
}
