/** Lists of a session's messages, each in one statement after the one that finds where a page ends. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MessageSize } from '../../../actors/message-reads.ts';
import type { Page } from '../../../actors/ports.ts';
import type { ListedBranch } from '../../../actors/stored-rows.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { dialectOf, idList, idsJson, inSession, rowsJoined } from './joined-rows.ts';
import { withPieces } from './message-text.ts';
import { readQuery, type Value } from './read-query.ts';
import { type MessageWithPiece, messagesOf } from './stored-rows.ts';
import { leafOf, pathUp } from './tree-walk.ts';
import type { Dialect } from './values-table.ts';

/** In order of creation. */
export async function allMessages(
  db: Kysely<Tables>,
  session: SessionId,
  page: Page<MessageId>,
): Promise<readonly MessageFact[]> {
  let newest = db
    .selectFrom('messages')
    .selectAll()
    .where('session_id', '=', session)
    .orderBy('position', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) {
    const { before } = page;
    newest = newest.where('position', '<', (eb) =>
      eb
        .selectFrom('messages as edge')
        .select('edge.position')
        .where('edge.id', '=', before)
        .where(inSession('edge', session)),
    );
  }
  return messagesOf(await withPieces(db, newest).execute());
}

/**
 * The path to the leaf, then what waits. What is before a message on a path is that path, whether the branch is still
 * the current one or not: a client that pages back sees one conversation even while another branch is selected.
 */
export async function currentMessages(
  db: Kysely<Tables>,
  session: SessionId,
  { limit, before }: Page<MessageId>,
): Promise<readonly MessageFact[]> {
  const list = await currentList(db, session, { limit, before });
  return list === undefined ? [] : listed(db, session, list);
}

/** `undefined`: nothing is in it. */
async function currentList(
  db: Kysely<Tables>,
  session: SessionId,
  { limit, before }: Page<MessageId>,
): Promise<List | undefined> {
  if (before === undefined) return { limit, from: leafOf(session), waiting: sql`true` };
  const edge = await db
    .selectFrom('messages')
    .select(['parent_id', 'queue_rank', 'position'])
    .where('id', '=', before)
    .where(inSession('messages', session))
    .executeTakeFirst();
  if (edge === undefined) return undefined;
  const { parent_id, queue_rank, position } = edge;
  if (queue_rank !== null) {
    const waiting = sql`(queue_rank, position) < (${queue_rank}, ${position})`;
    return { limit, from: leafOf(session), waiting };
  }
  return parent_id === null ? undefined : { limit, from: sql`${parent_id}`, waiting: sql`1 = 0` };
}

/** In the order of the list. */
export async function messageSizes(
  db: Kysely<Tables>,
  session: SessionId,
  page: Page<MessageId>,
  branch: ListedBranch,
): Promise<readonly MessageSize[]> {
  const bytes = sql`octet_length(message.content) + coalesce(octet_length(message.marks), 0)`;
  if (branch === 'all') {
    const older =
      page.before === undefined
        ? sql`1 = 1`
        : sql`message.position < (select edge.position from messages as edge
            where edge.id = ${page.before} and ${inSession('edge', session)})`;
    const { rows } = await sql<MessageSize>`select message.id, ${bytes} as bytes from messages as message
      where message.session_id = ${session} and ${older}
      order by message.position desc limit ${page.limit}`.execute(db);
    return rows.map(sizeOf).reverse();
  }
  const list = await currentList(db, session, page);
  if (list === undefined) return [];
  const dialect = dialectOf(db);
  const by = { id: sql`newest.id` };
  const message = rowsJoined({ table: 'messages', as: 'message', by, session: sql`${session}` }, dialect);
  const { rows } = await sql<MessageSize>`${newestOf(session, list, dialect)}
    select message.id, ${bytes} as bytes from newest cross join ${message}
    order by newest.depth desc, newest.queue_rank, newest.position`.execute(db);
  return rows.map(sizeOf);
}

/** PostgreSQL gives some numbers as texts. */
function sizeOf({ id, bytes }: MessageSize): MessageSize {
  return { id, bytes: Number(bytes) };
}

/** In the order of the ids. */
export async function messagesWith(
  db: Kysely<Tables>,
  session: SessionId,
  ids: readonly MessageId[],
): Promise<readonly MessageFact[]> {
  return messagesOf(await someRead(db, { session, ids: idsJson(ids) }));
}

const someRead = readQuery((db, value: Value<{ session: SessionId; ids: string }>) => {
  const list = sql`(select id, ordinal as depth from ${idList(db, value('ids'))} as wanted)`;
  return sql<MessageWithPiece>`${withTheirPieces(value('session'), list, dialectOf(db))}
    order by message.depth, piece.position`;
});

/** The newest `limit` messages of the path to a message, oldest first. */
export async function pathTo(
  db: Kysely<Tables>,
  session: SessionId,
  message: MessageId,
  limit: number,
): Promise<readonly MessageFact[]> {
  return messagesOf(await pathRead(db, { session, message, limit }));
}

const pathRead = readQuery((db, value: Value<{ session: SessionId; message: MessageId; limit: number }>) => {
  const dialect = dialectOf(db);
  const path = pathUp(value('session'), value('message'), { most: value('limit'), dialect });
  return sql<MessageWithPiece>`with recursive ${path}
      ${withTheirPieces(value('session'), sql`path`, dialect)} order by message.depth desc, piece.position`;
});

/** By rank. */
export async function waitingMessages(
  db: Kysely<Tables>,
  session: SessionId,
): Promise<readonly MessageFact[]> {
  const waiting = db
    .selectFrom('messages')
    .selectAll()
    .where('session_id', '=', session)
    .where('queue_rank', 'is not', null);
  // Few, and nobody streams them.
  const messages = messagesOf(await withPieces(db, waiting).execute());
  return messages.sort((a, b) => (a.queueRank ?? 0) - (b.queueRank ?? 0));
}

type List = {
  readonly limit: number;
  readonly from: RawBuilder<unknown>;
  readonly waiting: RawBuilder<unknown>;
};

async function listed(db: Kysely<Tables>, session: SessionId, list: List): Promise<readonly MessageFact[]> {
  const dialect = dialectOf(db);
  const { rows } = await sql<MessageWithPiece>`${newestOf(session, list, dialect)}
    ${withTheirPieces(sql`${session}`, sql`newest`, dialect)}
    order by message.depth desc, message.queue_rank, message.position, piece.position`.execute(db);
  return messagesOf(rows);
}

/** Names the rows `newest`. */
function newestOf(session: SessionId, list: List, dialect: Dialect): RawBuilder<unknown> {
  return sql`with recursive ${pathUp(session, list.from, { most: list.limit, dialect })},
    waiting(id, depth, queue_rank, position) as (
      select messages.id, 0, messages.queue_rank, messages.position from messages
        where messages.session_id = ${session} and messages.queue_rank is not null and ${list.waiting}
        order by messages.queue_rank desc, messages.position desc limit ${list.limit}
    ),
    newest(id, depth, queue_rank, position) as (
      select id, depth, queue_rank, position from waiting
      union all
      select id, depth, 0, 0 from path
      order by 2, 3 desc, 4 desc limit ${list.limit}
    )`;
}

/** Like {@link withPieces}: never a message before, and its pieces after, it is written whole. */
function withTheirPieces(
  session: RawBuilder<unknown>,
  list: RawBuilder<unknown>,
  dialect: Dialect,
): RawBuilder<unknown> {
  const by = { id: sql`listed.id` };
  const message = rowsJoined({ table: 'messages', as: 'message', by, session }, dialect);
  return sql`select message.*, piece.offset_units, piece.text, piece.marks as piece_marks
    from (select listed.depth, message.* from ${list} as listed cross join ${message}) as message
    left join message_pieces as piece
      on piece.session_id = message.session_id and piece.message_id = message.id`;
}
