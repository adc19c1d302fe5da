/** Conversations in memory: a turn at a time from the newest back, as long as all of it is within the bounds. */
import type { StoredRun } from '../../actors/stored-rows.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { ConversationQuery, ConversationWindow, PastTurn } from '../../schema/conversation-window.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import type { MemoryTurn } from './memory-rows.ts';
import type { MemoryTables } from './memory-tables.ts';

/** The turns of a part of a path, oldest first; with `last`, those below its last message, too. */
function turnsOfPathInMemory(
  tables: MemoryTables,
  session: SessionId,
  path: readonly MessageFact[],
  { last }: { readonly last: boolean },
): MemoryTurn[] {
  const turns = tables.turns(session).filter(({ turn }) => turn.status !== 'queued');
  return path.flatMap((message, index) => {
    const below = path[index + 1];
    const answering = turns.filter(({ turn }) => turn.answerId === message.id);
    const isSilent = below === undefined ? last : below.promptId !== message.id;
    const silent = turns.findLast(
      ({ turn, queuedAt }) =>
        turn.promptId === message.id &&
        tables.message(session, turn.answerId) === undefined &&
        (below === undefined || queuedAt <= millisecondsOf(below.createdAt)),
    );
    return isSilent && silent !== undefined ? [...answering, silent] : answering;
  });
}

/** The newest `limit` turns of the current branch that have a trace, oldest first. */
export function runsInMemory(tables: MemoryTables, session: SessionId, limit: number): StoredRun[] {
  const path = tables.tree(session).pathTo(tables.session(session)?.leafId);
  const runs = turnsOfPathInMemory(tables, session, path, { last: true }).flatMap(({ turn }) => {
    const trace = tables.trace(turn.traceId);
    if (trace === undefined) return [];
    return [{ messageId: turn.promptId, trace, toolCalls: tables.toolCalls(turn.turnId) }];
  });
  return runs.slice(-limit);
}

export function conversationInMemory(
  tables: MemoryTables,
  { sessionId, promptId: prompt, answerId, limit }: ConversationQuery,
): ConversationWindow | undefined {
  if (tables.message(sessionId, prompt) === undefined) return undefined;
  const upTo = tables.tree(sessionId).pathTo(prompt);
  const window = upTo.slice(-limit);
  const onPath = turnsOfPathInMemory(tables, sessionId, window, { last: false });
  const told = new Set(window.map(({ id }) => id));
  const room = { calls: limits.historyStepsReadMax - 1, steps: limits.historyStepsReadMax - 1 };
  const fits = (past: PastTurn) => {
    room.calls -= past.calls.length;
    room.steps -= past.steps.length;
    return room.calls >= 0 && room.steps >= 0;
  };
  const newest = (turns: readonly MemoryTurn[]) => {
    const past = turns.map((one) => pastTurn(tables, one)).reverse();
    const cut = past.findIndex((one) => !fits(one));
    return cut < 0 ? past.reverse() : past.slice(0, cut).reverse();
  };
  const ended = tables
    .turns(sessionId)
    .filter(
      ({ turn }) => turn.answerId === answerId && turn.status !== 'queued' && turn.status !== 'running',
    );
  const continued = newest(ended);
  const eligible = onPath.filter(({ turn }) => turn.promptId !== prompt && told.has(turn.promptId));
  const turns = continued.length < ended.length ? [] : newest(eligible);
  const cut = continued.length < ended.length ? prompt : eligible.at(-1 - turns.length)?.turn.promptId;
  const place = window.findIndex(({ id }) => id === cut);
  const from = place < 0 ? 0 : Math.min(place + 1, window.length - 1);
  const answers = onPath.filter(({ turn }) => turn.answerId !== turn.promptId);
  const said = new Set(answers.map(({ turn }) => turn.answerId));
  return {
    path: window.slice(from).map(({ id }) => id),
    messages: window.slice(from).filter(({ id }) => !said.has(id)),
    turns,
    continued,
    isCut: upTo.length > window.length || from > 0,
  };
}

function pastTurn(tables: MemoryTables, { turn }: MemoryTurn): PastTurn {
  const { turnId, promptId, answerId, status, sessionId } = turn;
  const begin = turn.continuesAt ?? 0;
  const ofAnswer = tables.turns(sessionId).filter((one) => one.turn.answerId === answerId);
  const next = ofAnswer[ofAnswer.findIndex((one) => one.turn.turnId === turnId) + 1];
  return {
    promptId,
    status,
    text: (tables.message(sessionId, answerId)?.content ?? '').slice(begin, next?.turn.continuesAt),
    steps: tables.turnSteps(turnId),
    calls: tables.toolCalls(turnId).map((call) => ({
      id: call.id,
      step: call.step,
      name: call.name,
      argumentsJson: call.argumentsJson,
      result:
        call.result === null ? null : [...call.result].slice(0, limits.toolResultModelUnitsMax + 1).join(''),
      resultCharacters: [...(call.result ?? '')].length,
      failed: call.status === 'failed',
      ...(call.files === undefined ? {} : { files: call.files }),
    })),
  };
}
