/** What was done in sessions, of many at once. */
import { type Kysely, sql } from 'kysely';
import type { SessionWork } from '../../../actors/stored-rows.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { TurnStatus } from '../../../schema/turn-record.ts';
import { dialectOf, eachOf } from './joined-rows.ts';

type OfSession = { readonly session_id: SessionId };
type Named = OfSession & { readonly name: string };

export async function readSessionWork(
  db: Kysely<Tables>,
  ids: readonly SessionId[],
): Promise<ReadonlyMap<SessionId, SessionWork>> {
  const rowsOf = (table: 'turns' | 'tool_calls' | 'traces') =>
    eachOf(db, ids, { table, as: 'done', by: 'session_id' });
  const model =
    dialectOf(db) === 'postgres'
      ? sql`cast(done.metadata as json) ->> 'model'`
      : sql`json_extract(done.metadata, '$.model')`;
  const [turns, waiting, tools, models] = await Promise.all([
    sql<
      OfSession & {
        readonly status: TurnStatus;
        readonly reason: string | null;
        readonly queued_at: Milliseconds;
        readonly ended_at: Milliseconds | null;
      }
    >`select session_id, status, reason, queued_at, ended_at from (select done.*, row_number() over (
        partition by done.session_id
        order by case when done.status = 'running' then 0 else 1 end, done.position desc) as place
      from ${rowsOf('turns')}) as placed where place = 1`.execute(db),
    sql<Named & { readonly started_at: Milliseconds }>`select done.session_id, done.name, done.started_at
      from ${rowsOf('tool_calls')} and done.status = 'awaitingApproval' order by done.position desc`.execute(
      db,
    ),
    sql<Named>`select distinct done.session_id, done.name from ${rowsOf('tool_calls')}`.execute(db),
    // Clients put what they like into the metadata of their own traces.
    sql<Named>`select distinct done.session_id, ${model} as name from ${rowsOf('traces')}
      and done.origin is null and ${model} is not null`.execute(db),
  ]);
  const lastTurns = new Map(turns.rows.map((turn) => [turn.session_id, turn]));
  // The oldest is the last to be put.
  const waitingCalls = new Map(waiting.rows.map((call) => [call.session_id, call]));
  const toolsOf = namesBySession(tools.rows);
  const modelsOf = namesBySession(models.rows);
  return new Map(
    ids.map((id) => {
      const turn = lastTurns.get(id);
      const call = waitingCalls.get(id);
      return [
        id,
        {
          ...(turn === undefined ? {} : { lastTurn: lastTurnOf(turn) }),
          ...(call === undefined ? {} : { waitingCall: { name: call.name, startedAt: call.started_at } }),
          tools: toolsOf.get(id) ?? [],
          models: modelsOf.get(id) ?? [],
        },
      ];
    }),
  );
}

function lastTurnOf(turn: {
  readonly status: TurnStatus;
  readonly reason: string | null;
  readonly queued_at: Milliseconds;
  readonly ended_at: Milliseconds | null;
}): NonNullable<SessionWork['lastTurn']> {
  return {
    status: turn.status,
    queuedAt: turn.queued_at,
    ...(turn.reason === null ? {} : { reason: turn.reason }),
    ...(turn.ended_at === null ? {} : { endedAt: turn.ended_at }),
  };
}

/** The databases order texts each in its own way. */
function namesBySession(rows: readonly Named[]): ReadonlyMap<SessionId, readonly string[]> {
  const grouped = Map.groupBy(rows, ({ session_id }) => session_id);
  return new Map([...grouped].map(([id, all]) => [id, all.map(({ name }) => name).sort()]));
}
