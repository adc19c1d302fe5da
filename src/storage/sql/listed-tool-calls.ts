/** Tool calls as they are listed, each with the message that the answer of its turn is. */
import { type AliasedRawBuilder, type Kysely, type Selectable, sql } from 'kysely';
import type { Page } from '../../../actors/ports.ts';
import type { StoredToolCall } from '../../../actors/stored-rows.ts';
import type { Visibility } from '../../../schema/authorization.ts';
import type { SessionId, ToolCallId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { ToolCallStatus } from '../../../schema/tool-event.ts';
import { readQuery, type Value } from './read-query.ts';
import { toolCallOf } from './stored-rows.ts';
import { fewVisibleRows, isVisible, visibleRows } from './visible-sessions.ts';

const named = { table: 'tool_calls', as: 'call' } as const;

type CallRows = AliasedRawBuilder<Selectable<Tables['tool_calls']>, 'call'>;

/** All of them, or those of `from`. */
export function callsIn(db: Kysely<Tables>, from: CallRows = visibleRows(named, undefined).from) {
  return db
    .selectFrom(from)
    .leftJoin('turns as turn', 'turn.id', 'call.turn_id')
    .selectAll('call')
    .select('turn.answer_id');
}

/** The newest of a session first. */
export const callsOfSession = readQuery((db, value: Value<{ session: SessionId; limit: number }>) =>
  callsIn(db)
    .where('call.session_id', '=', value('session'))
    .orderBy('call.position', 'desc')
    .limit(value('limit')),
);

/** Those before a call, the newest first. */
export const callsOfSessionBefore = readQuery(
  (db, value: Value<{ session: SessionId; limit: number; before: ToolCallId }>) =>
    callsIn(db)
      .where('call.session_id', '=', value('session'))
      .where('call.position', '<', (eb) =>
        eb
          .selectFrom('tool_calls as edge')
          .select('edge.position')
          .where('edge.id', '=', value('before'))
          .where('edge.session_id', '=', value('session')),
      )
      .orderBy('call.position', 'desc')
      .limit(value('limit')),
);

/** The newest of a status, oldest first. */
export async function toolCallsWith(
  db: Kysely<Tables>,
  status: ToolCallStatus,
  { limit, before }: Page<ToolCallId>,
  visibleTo?: Visibility,
): Promise<readonly StoredToolCall[]> {
  // Calls that have not ended are few, whosoever they are.
  const isOpen = status === 'running' || status === 'awaitingApproval';
  const visible = isOpen ? visibleRows(named, visibleTo) : await fewVisibleRows(db, named, visibleTo);
  let newest = callsIn(db, visible.from)
    .where(visible.where)
    .where('call.status', '=', status)
    .orderBy('call.position', 'desc')
    .limit(limit);
  if (before !== undefined) {
    newest = newest.where('call.position', '<', (eb) =>
      eb
        .selectFrom('tool_calls as edge')
        .select('edge.position')
        .where('edge.id', '=', before)
        .where(isVisible(sql.ref('edge.session_id'), visibleTo)),
    );
  }
  return (await newest.execute()).toReversed().map(toolCallOf);
}
