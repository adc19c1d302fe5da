/** A conversation as a copy begins with it: what has ended, with everything that turns did (SPEC [TREE27]). */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import type {
  ImportedCall,
  ImportedConversation,
  ImportedTurn,
} from '../../../schema/imported-conversation.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables, ToolCallsTable, TurnStepsTable } from '../../../schema/storage/tables.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import {
  type EndedStep,
  type TurnOutcome,
  type TurnStatus,
  turnOutcomes,
} from '../../../schema/turn-record.ts';
import { endedMessages, lastKept, parentsFirst } from './ended-tree.ts';
import { eachOf } from './joined-rows.ts';
import { allMessages, currentMessages, pathTo } from './kysely-messages.ts';
import { type TurnRow, tracesOf, turnsWithAnswer, turnsWithoutAnswer } from './kysely-turns.ts';
import { readMessage } from './message-text.ts';

export async function readCopy(
  db: Kysely<Tables>,
  session: SessionId,
  upTo: MessageId | 'all',
): Promise<ImportedConversation | undefined> {
  const found = await db
    .selectFrom('sessions')
    .select('leaf_id')
    .where('id', '=', session)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const read = upTo === 'all' ? await wholeTree(db, session) : await conversationUpTo(db, session, upTo);
  if (read === undefined) return undefined;
  const messages = endedMessages(read);
  const turns = await endedTurns(db, session, messages);
  const [calls, steps, traces] = await Promise.all([
    endedCalls(db, turns),
    stepsOf(db, turns),
    tracesOf(db, turns),
  ]);
  return {
    leafId: upTo === 'all' ? lastKept(found.leaf_id, read, messages) : (messages.at(-1)?.id ?? null),
    messages,
    turns: turns.map((turn) => importedTurn(turn, steps.get(turn.id) ?? [], traces.get(turn.trace_id))),
    calls,
  };
}

async function wholeTree(db: Kysely<Tables>, session: SessionId): Promise<MessageFact[]> {
  return parentsFirst(await allMessages(db, session, { limit: limits.treeWalkMessagesMax }));
}

/** A message that waits has not begun: what is before it is the current branch. */
async function conversationUpTo(
  db: Kysely<Tables>,
  session: SessionId,
  upTo: MessageId,
): Promise<readonly MessageFact[] | undefined> {
  const message = await readMessage(db, session, upTo);
  if (message === undefined) return undefined;
  return message.queueRank === undefined
    ? pathTo(db, session, upTo, limits.treeWalkMessagesMax)
    : currentMessages(db, session, { limit: limits.treeWalkMessagesMax });
}

export type EndedTurn = TurnRow & { readonly status: TurnOutcome };

async function endedTurns(
  db: Kysely<Tables>,
  session: SessionId,
  messages: readonly MessageFact[],
): Promise<readonly EndedTurn[]> {
  const prompts = new Set(messages.map(({ id }) => id));
  const [answering, unanswered] = await Promise.all([
    turnsWithAnswer(db, session, messages),
    turnsWithoutAnswer(db, session, messages),
  ]);
  return [...answering, ...unanswered]
    .filter((turn) => prompts.has(turn.prompt_id))
    .filter(hasEnded)
    .sort((a, b) => a.position - b.position);
}

export function hasEnded<Turn extends TurnRow>(turn: Turn): turn is Turn & EndedTurn {
  return isOutcome(turn.status);
}

function isOutcome(status: TurnStatus): status is TurnOutcome {
  return turnOutcomes.some((outcome) => outcome === status);
}

async function endedCalls(db: Kysely<Tables>, turns: readonly TurnRow[]): Promise<ImportedCall[]> {
  const { rows } = await sql<Selectable<ToolCallsTable>>`select call.* from
    ${eachOf(db, idsOf(turns), { table: 'tool_calls', as: 'call', by: 'turn_id' })} order by call.position`.execute(
    db,
  );
  return rows.flatMap((row) => importedCall(row) ?? []);
}

/** `undefined`: it has not ended. */
export function importedCall(call: Selectable<ToolCallsTable>): ImportedCall | undefined {
  const { status, ended_at } = call;
  if ((status !== 'completed' && status !== 'failed') || ended_at === null) return undefined;
  return {
    id: call.id,
    turnId: call.turn_id,
    step: call.step,
    modelCallId: call.model_call_id,
    name: call.name,
    status,
    agentId: call.agent_id,
    argumentsJson: call.arguments,
    result: call.result ?? '',
    ...(call.files === null ? {} : { files: JSON.parse(call.files) }),
    ...(call.approval === null ? {} : { approval: JSON.parse(call.approval) }),
    startedAt: isoTimestamp(call.started_at),
    endedAt: isoTimestamp(ended_at),
  };
}

export async function stepsOf(
  db: Kysely<Tables>,
  turns: readonly Pick<TurnRow, 'id'>[],
): Promise<ReadonlyMap<TurnId, readonly EndedStep[]>> {
  const { rows } = await sql<Selectable<TurnStepsTable>>`select step.* from
    ${eachOf(db, idsOf(turns), { table: 'turn_steps', as: 'step', by: 'turn_id' })} order by step.step`.execute(
    db,
  );
  const steps = new Map<TurnId, EndedStep[]>();
  for (const { turn_id, data } of rows) steps.set(turn_id, [...(steps.get(turn_id) ?? []), JSON.parse(data)]);
  return steps;
}

function idsOf(turns: readonly Pick<TurnRow, 'id'>[]): readonly TurnId[] {
  return turns.map(({ id }) => id);
}

export function importedTurn(
  turn: EndedTurn,
  steps: readonly EndedStep[],
  trace: Trace | undefined,
): ImportedTurn {
  return {
    turnId: turn.id,
    promptId: turn.prompt_id,
    answerId: turn.answer_id,
    traceId: turn.trace_id,
    outcome: turn.status,
    ...(turn.reason === null ? {} : { reason: turn.reason }),
    ...(turn.options === null ? {} : { options: JSON.parse(turn.options) }),
    ...(turn.continues_at === null ? {} : { continuesAt: turn.continues_at }),
    queuedAt: isoTimestamp(turn.queued_at),
    endedAt: isoTimestamp(turn.ended_at ?? turn.queued_at),
    steps: [...steps],
    ...(trace === undefined ? {} : { trace }),
  };
}
