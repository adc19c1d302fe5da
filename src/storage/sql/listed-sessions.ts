/** The list of sessions, by update, newest first: all, or those that pass filters and that a principal sees. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { ParticipantId, ParticipantRole } from '../../../schema/participant.ts';
import type { SessionQuery } from '../../../schema/session-search.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { sessionOf } from './stored-rows.ts';
import { fewVisibleRows, isVisible } from './visible-sessions.ts';

export async function listedSessions(
  db: Kysely<Tables>,
  query: Omit<SessionQuery, 'q'>,
): Promise<readonly ChatSession[]> {
  const visible = await fewVisibleRows(db, { table: 'sessions', as: 'sessions' }, query.visibleTo);
  let list = db
    .selectFrom(visible.from)
    .selectAll()
    .where(visible.where)
    .where((eb) => passes(eb, query))
    .orderBy('updated_at', 'desc')
    .orderBy('position', 'desc')
    .limit(query.limit);
  if (query.before !== undefined) {
    const edge = await db
      .selectFrom('sessions')
      .select(['updated_at', 'position'])
      .where('id', '=', query.before)
      .where(isVisible(sql.ref('sessions.id'), query.visibleTo))
      .executeTakeFirst();
    if (edge === undefined) return [];
    list = list.where((eb) =>
      eb(eb.refTuple('updated_at', 'position'), '<', eb.tuple(edge.updated_at, edge.position)),
    );
  }
  return (await list.execute()).map(sessionOf);
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
