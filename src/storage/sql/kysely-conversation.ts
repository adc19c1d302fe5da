/**
 * What a session has lived up to one of its messages, in at most five statements: messages and turns first, then what
 * those turns said, called and left behind. Each is bounded, and goes by an index.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { ConversationQuery, ConversationWindow, PastCall } from '../../../schema/conversation-window.ts';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables, TurnsTable } from '../../../schema/storage/tables.ts';
import type { EndedStep } from '../../../schema/turn-record.ts';
import { withPieces } from './message-text.ts';
import { messagesOf } from './stored-rows.ts';

export async function readConversation(
  db: Kysely<Tables>,
  { sessionId: session, promptId: prompt, limit }: ConversationQuery,
): Promise<ConversationWindow | undefined> {
  const [read, queued] = await Promise.all([
    messagesUpTo(db, session, prompt, limit + 1),
    newestTurns(db, session, limit),
  ]);
  if (read.length === 0) return undefined;
  const messages = read.slice(-limit);
  const isCut = read.length > messages.length;
  const places = new Map(messages.map(({ id }, index) => [id, index]));
  const turns = queued.filter(({ prompt_id }) => prompt_id !== prompt && places.has(prompt_id));
  const said = new Set(queued.flatMap(({ answer_id, failure_id }) => [answer_id, failure_id]));
  const range = rangeOf(turns);
  const unread = rangeOf(turns.filter(({ answer_id }) => !places.has(answer_id)));
  const [late, calls, steps] = await Promise.all([
    unread === null ? [] : answersOf(db, session, unread),
    range === null ? [] : callsOf(db, session, range),
    range === null ? [] : stepsOf(db, session, range),
  ]);
  const texts = new Map([...messages, ...late].map(({ id, content }) => [id, content]));
  const turnCalls = Map.groupBy(calls, ({ turnId }) => turnId);
  const turnSteps = Map.groupBy(steps, ({ turnId }) => turnId);
  // Of the oldest turn in a list that is full, part may be missing: what is told is told whole.
  const partial = new Set([partialTurn(calls), partialTurn(steps)]);
  const first = 1 + turns.findLastIndex(({ id }) => partial.has(id));
  const from = first === 0 ? 0 : 1 + (places.get(turns[first - 1]?.prompt_id ?? prompt) ?? 0);
  return {
    messages: messages.slice(from).filter(({ id }) => !said.has(id)),
    turns: turns.slice(first).map((turn) => ({
      promptId: turn.prompt_id,
      status: turn.status,
      text: texts.get(turn.answer_id) ?? '',
      steps: (turnSteps.get(turn.id) ?? []).map(({ step }) => step),
      calls: (turnCalls.get(turn.id) ?? []).map(({ call }) => call),
    })),
    isCut: isCut || from > 0,
  };
}

async function messagesUpTo(
  db: Kysely<Tables>,
  session: SessionId,
  prompt: MessageId,
  limit: number,
): Promise<readonly ChatMessage[]> {
  const newest = db
    .selectFrom('messages')
    .selectAll()
    .where('session_id', '=', session)
    .where('position', '<=', (eb) =>
      eb
        .selectFrom('messages as edge')
        .select('edge.position')
        .where('edge.id', '=', prompt)
        .where('edge.session_id', '=', session),
    )
    .orderBy('position', 'desc')
    .limit(limit);
  return messagesOf(await withPieces(db, newest).execute());
}

type TurnRow = Pick<
  Selectable<TurnsTable>,
  'id' | 'position' | 'prompt_id' | 'answer_id' | 'failure_id' | 'status'
>;

/** Oldest first. So many that all whose messages can be among the newest `messages` are there, whatever waits behind. */
async function newestTurns(
  db: Kysely<Tables>,
  session: SessionId,
  messages: number,
): Promise<readonly TurnRow[]> {
  const rows = await db
    .selectFrom('turns')
    .select(['id', 'position', 'prompt_id', 'answer_id', 'failure_id', 'status'])
    .where('session_id', '=', session)
    .orderBy('position', 'desc')
    .limit(messages + 2 * (limits.turnsWaitingMax + 1))
    .execute();
  return rows.reverse();
}

type Range = { readonly first: number; readonly last: number };

function rangeOf(turns: readonly TurnRow[]): Range | null {
  const [first, last] = [turns[0], turns.at(-1)];
  return first === undefined || last === undefined ? null : { first: first.position, last: last.position };
}

async function answersOf(
  db: Kysely<Tables>,
  session: SessionId,
  { first, last }: Range,
): Promise<readonly ChatMessage[]> {
  const answers = db
    .selectFrom('messages')
    .selectAll()
    .where('session_id', '=', session)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('turns')
        .select('turns.answer_id')
        .where('turns.session_id', '=', session)
        .where('turns.position', '>=', first)
        .where('turns.position', '<=', last),
    );
  return messagesOf(await withPieces(db, answers).execute());
}

type TurnCall = { readonly turnId: TurnId; readonly call: PastCall };

/** One more than is told of a result, so that it can be told that it is cut. */
const resultCharactersRead = limits.toolResultModelUnitsMax + 1;

async function callsOf(
  db: Kysely<Tables>,
  session: SessionId,
  { first, last }: Range,
): Promise<readonly TurnCall[]> {
  const rows = await db
    .selectFrom('turns as turn')
    .innerJoin('tool_calls as call', 'call.turn_id', 'turn.id')
    .select(['call.id', 'call.turn_id', 'call.step', 'call.name', 'call.arguments', 'call.status'])
    .select(sql<string | null>`substr(call.result, 1, ${sql.lit(resultCharactersRead)})`.as('result'))
    .select(sql<number | null>`length(call.result)`.as('characters'))
    .where('turn.session_id', '=', session)
    .where('turn.position', '>=', first)
    .where('turn.position', '<=', last)
    .orderBy('turn.position', 'desc')
    .orderBy('call.position', 'desc')
    .limit(limits.historyStepsReadMax)
    .execute();
  return rows.reverse().map((row) => ({
    turnId: row.turn_id,
    call: {
      id: row.id,
      step: row.step,
      name: row.name,
      argumentsJson: row.arguments,
      result: row.result,
      resultCharacters: row.characters ?? 0,
      failed: row.status === 'failed',
    },
  }));
}

type TurnStep = { readonly turnId: TurnId; readonly step: EndedStep };

async function stepsOf(
  db: Kysely<Tables>,
  session: SessionId,
  { first, last }: Range,
): Promise<readonly TurnStep[]> {
  const rows = await db
    .selectFrom('turns as turn')
    .innerJoin('turn_steps as step', 'step.turn_id', 'turn.id')
    .select(['step.turn_id', 'step.data'])
    .where('turn.session_id', '=', session)
    .where('turn.position', '>=', first)
    .where('turn.position', '<=', last)
    .orderBy('turn.position', 'desc')
    .orderBy('step.step', 'desc')
    .limit(limits.historyStepsReadMax)
    .execute();
  return rows.reverse().map((row) => ({ turnId: row.turn_id, step: JSON.parse(row.data) }));
}

function partialTurn(rows: readonly { readonly turnId: TurnId }[]): TurnId | undefined {
  return rows.length < limits.historyStepsReadMax ? undefined : rows[0]?.turnId;
}
