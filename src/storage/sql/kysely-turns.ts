/**
 * Turns by the messages of a path: those whose answers are on it, and those that said nothing where nothing was said.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId, TraceId } from '../../../schema/ids.ts';
import type { Tables, TracesTable, TurnsTable } from '../../../schema/storage/tables.ts';
import { millisecondsOf } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import { eachOf, idsJson, inSession } from './joined-rows.ts';
import { readQuery, type Value } from './read-query.ts';
import { traceOf } from './stored-rows.ts';

export type TurnRow = Selectable<TurnsTable>;

/** A turn with what it has left behind, so that nobody looks for the calls and steps of turns that have none. */
export type PastTurnRow = TurnRow & {
  /** 1: the turn has calls or ended steps. */
  readonly did: number;
};

/**
 * A column of a statement that reads turns as `turn`. `limit 1` instead of `exists`, for which PostgreSQL would read
 * both tables whole.
 */
export const didColumn = sql<number>`case
  when (select 1 from tool_calls where tool_calls.turn_id = turn.id limit 1) is not null
    or (select 1 from turn_steps where turn_steps.turn_id = turn.id limit 1) is not null then 1 else 0 end`;

/** A message of a path, and the one below it on the path. */
export type PathMessage = Pick<MessageFact, 'id' | 'promptId' | 'createdAt'>;

/**
 * The turns of `path`, a part of a path with the oldest first: in its order, and those of one answer in the order in
 * which they were queued; those that have not begun have done nothing, and are left out. Below the last message of the
 * path nothing was said yet; with `last` its newest turn that said nothing is there, too.
 */
export async function turnsOfPath(
  db: Kysely<Tables>,
  session: SessionId,
  path: readonly PathMessage[],
  { last }: { readonly last: boolean },
): Promise<readonly PastTurnRow[]> {
  const places = new Map(path.map(({ id }, index) => [id, index]));
  // Nobody answers an answer.
  const silent = path.filter((message, index) => {
    const below = path[index + 1];
    return message.promptId === undefined && (below === undefined ? last : below.promptId !== message.id);
  });
  const [withAnswer, withoutAnswer] = await Promise.all([
    turnsWithAnswer(db, session, path),
    silent.length === 0 ? [] : turnsWithoutAnswer(db, session, silent),
  ]);
  const newest = new Map<MessageId, PastTurnRow>();
  for (const turn of withoutAnswer) {
    const below = path[(places.get(turn.prompt_id) ?? 0) + 1];
    if (below === undefined || turn.queued_at <= millisecondsOf(below.createdAt))
      newest.set(turn.prompt_id, turn);
  }
  const place = (turn: TurnRow) => places.get(turn.answer_id) ?? places.get(turn.prompt_id) ?? 0;
  return [...withAnswer, ...newest.values()].sort((a, b) => place(a) - place(b) || a.position - b.position);
}

/** Oldest first. */
export function turnsWithAnswer(
  db: Kysely<Tables>,
  session: SessionId,
  answers: readonly Pick<MessageFact, 'id'>[],
): Promise<readonly PastTurnRow[]> {
  return answering(db, { session, ids: idsJson(idsOf(answers)) });
}

const answering = readQuery(
  (db, value: Value<{ session: SessionId; ids: string }>) =>
    sql<PastTurnRow>`select turn.*, ${didColumn} as did from
      ${eachOf(db, value('ids'), { table: 'turns', as: 'turn', by: 'answer_id', session: value('session') })}
        and turn.status <> 'queued'
      order by turn.position`,
);

/** Oldest first. */
export function turnsWithoutAnswer(
  db: Kysely<Tables>,
  session: SessionId,
  prompts: readonly Pick<MessageFact, 'id'>[],
): Promise<readonly PastTurnRow[]> {
  return unanswered(db, { session, ids: idsJson(idsOf(prompts)) });
}

const unanswered = readQuery(
  (db, value: Value<{ session: SessionId; ids: string }>) =>
    sql<PastTurnRow>`select turn.*, ${didColumn} as did from
      ${eachOf(db, value('ids'), { table: 'turns', as: 'turn', by: 'prompt_id', session: value('session') })}
        and turn.status <> 'queued' and (select answer.id from messages as answer
          where answer.id = turn.answer_id and ${inSession('answer', sql`turn.session_id`)}) is null
      order by turn.position`,
);

export async function tracesOf(
  db: Kysely<Tables>,
  turns: readonly TurnRow[],
): Promise<ReadonlyMap<TraceId, Trace>> {
  const ids = turns.map(({ trace_id }) => trace_id);
  const { rows } = await sql<Selectable<TracesTable>>`select trace.* from
    ${eachOf(db, ids, { table: 'traces', as: 'trace', by: 'id' })}`.execute(db);
  return new Map(rows.map((row) => [row.id, traceOf(row)]));
}

function idsOf(messages: readonly Pick<MessageFact, 'id'>[]): readonly MessageId[] {
  return messages.map(({ id }) => id);
}
