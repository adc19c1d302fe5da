/** The list of sessions, by update, newest first: all, or those that pass filters and that a principal sees. */
import { type ExpressionBuilder, type Kysely, type OrderByItemBuilder, type Selectable, sql } from 'kysely';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { ParticipantId, ParticipantRole } from '../../../schema/participant.ts';
import type { SessionQuery } from '../../../schema/session-search.ts';
import type { SessionsTable, Tables } from '../../../schema/storage/tables.ts';
import { dialectOf } from './joined-rows.ts';
import { type SessionList, sessionLists } from './session-lists.ts';
import { sessionOf } from './stored-rows.ts';
import { isVisible, truth } from './visible-sessions.ts';

type ListQuery = Omit<SessionQuery, 'q'>;

/** Before which row a page begins; `null`: it is the first one. */
type Edge = Pick<Selectable<SessionsTable>, 'updated_at' | 'position'> | null;

export async function listedSessions(db: Kysely<Tables>, query: ListQuery): Promise<readonly ChatSession[]> {
  const edge = await edgeOf(db, query);
  if (edge === undefined) return [];
  const [own, shared] = (await sessionLists(db, query)).map((list) => pageOf(db, list, query, edge));
  if (own === undefined) return [];
  if (shared === undefined) return (await own.execute()).map(sessionOf);
  const page = db
    .selectFrom(own.as('sessions'))
    .selectAll()
    .unionAll(db.selectFrom(shared.as('sessions')).selectAll())
    .orderBy('updated_at', 'desc')
    .orderBy('position', 'desc')
    .limit(query.limit);
  return (await page.execute()).map(sessionOf);
}

/** `undefined`: there is no such session, or it is not seen. */
async function edgeOf(db: Kysely<Tables>, { before, visibleTo }: ListQuery): Promise<Edge | undefined> {
  if (before === undefined) return null;
  return await db
    .selectFrom('sessions')
    .select(['updated_at', 'position'])
    .where('id', '=', before)
    .where(isVisible(sql.ref('sessions.id'), visibleTo))
    .executeTakeFirst();
}

function pageOf(db: Kysely<Tables>, { from, where, isByOwner }: SessionList, query: ListQuery, edge: Edge) {
  const { status, ...others } = query;
  // SQLite, which has no statistics, might rather go along the index by status.
  const isHidden = isByOwner && status !== undefined && dialectOf(db) === 'sqlite';
  const rows = db
    .selectFrom(from)
    .selectAll()
    .where(where)
    .where((eb) => passes(eb, isHidden ? others : query))
    .$if(isHidden, (all) => all.where(truth(sql`sessions.status = ${status}`)));
  const older =
    edge === null
      ? rows
      : rows.where((eb) =>
          eb(eb.refTuple('updated_at', 'position'), '<', eb.tuple(edge.updated_at, edge.position)),
        );
  // There are no nulls; but this order is that of the indexes by owner and by tenant alone, so that PostgreSQL does not
  // go along the one by update, past the sessions of others.
  const down = (order: OrderByItemBuilder) => (isByOwner ? order.desc().nullsLast() : order.desc());
  return older.orderBy('updated_at', down).orderBy('position', down).limit(query.limit);
}

export function passes(eb: ExpressionBuilder<Tables, 'sessions'>, query: SessionQuery) {
  const { status, activity, updatedAfter, updatedBefore, participant, agent } = query;
  const ofParticipant = (id: ParticipantId, role?: ParticipantRole) =>
    eb('sessions.id', 'in', (inner) => {
      const found = inner
        .selectFrom('participants')
        .select('participants.session_id')
        .where('participants.participant_id', '=', id);
      return role === undefined ? found : found.where('participants.role', '=', role);
    });
  return eb.and([
    ...(participant === undefined ? [] : [ofParticipant(participant)]),
    ...(agent === undefined ? [] : [ofParticipant(agent, 'agent')]),
    ...(status === undefined ? [] : [eb('sessions.status', '=', status)]),
    ...(activity === undefined ? [] : [eb('sessions.activity', '=', activity)]),
    // As a literal, which lets the index of busy sessions be used.
    ...(activity === undefined || activity === 'idle' ? [] : [sql<boolean>`sessions.activity <> 'idle'`]),
    ...(updatedAfter === undefined ? [] : [eb('sessions.updated_at', '>', updatedAfter)]),
    ...(updatedBefore === undefined ? [] : [eb('sessions.updated_at', '<', updatedBefore)]),
  ]);
}
