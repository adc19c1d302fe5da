/**
 * Turns by the messages of a path: those whose answers are on it, and those that said nothing where nothing was said.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId, TraceId } from '../../../schema/ids.ts';
import type { Tables, TracesTable, TurnsTable } from '../../../schema/storage/tables.ts';
import { millisecondsOf } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import { eachOf } from './joined-rows.ts';
import { traceOf } from './stored-rows.ts';

export type TurnRow = Selectable<TurnsTable>;

/** A message of a path, and the one below it on the path. */
export type PathMessage = Pick<MessageFact, 'id' | 'promptId' | 'createdAt'>;

/**
 * The turns of `path`, a part of a path with the oldest first: in its order, and those of one answer in the order in
 * which they were queued; those that have not begun have done nothing, and are left out. Below the last message of the
 * path nothing was said yet; with `last` its newest turn that said nothing is there, too.
 */
export async function turnsOfPath(
  db: Kysely<Tables>,
  path: readonly PathMessage[],
  { last }: { readonly last: boolean },
): Promise<readonly TurnRow[]> {
  const places = new Map(path.map(({ id }, index) => [id, index]));
  const silent = path.filter((message, index) => {
    const below = path[index + 1];
    return below === undefined ? last : below.promptId !== message.id;
  });
  const [answering, unanswered] = await Promise.all([
    turnsWithAnswer(db, path),
    silent.length === 0 ? [] : turnsWithoutAnswer(db, silent),
  ]);
  const newest = new Map<MessageId, TurnRow>();
  for (const turn of unanswered) {
    const below = path[(places.get(turn.prompt_id) ?? 0) + 1];
    if (below === undefined || turn.queued_at <= millisecondsOf(below.createdAt))
      newest.set(turn.prompt_id, turn);
  }
  const place = (turn: TurnRow) => places.get(turn.answer_id) ?? places.get(turn.prompt_id) ?? 0;
  return [...answering, ...newest.values()].sort((a, b) => place(a) - place(b) || a.position - b.position);
}

/** Oldest first. */
export async function turnsWithAnswer(
  db: Kysely<Tables>,
  answers: readonly Pick<MessageFact, 'id'>[],
): Promise<readonly TurnRow[]> {
  const { rows } = await sql<TurnRow>`select turn.* from
    ${eachOf(db, idsOf(answers), { table: 'turns', as: 'turn', by: 'answer_id' })}
      and turn.status <> 'queued'
    order by turn.position`.execute(db);
  return rows;
}

/** Oldest first. */
export async function turnsWithoutAnswer(
  db: Kysely<Tables>,
  prompts: readonly Pick<MessageFact, 'id'>[],
): Promise<readonly TurnRow[]> {
  const { rows } = await sql<TurnRow>`select turn.* from
    ${eachOf(db, idsOf(prompts), { table: 'turns', as: 'turn', by: 'prompt_id' })}
      and turn.status <> 'queued' and (select answer.id from messages as answer where answer.id = turn.answer_id) is null
    order by turn.position`.execute(db);
  return rows;
}

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
