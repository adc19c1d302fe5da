/**
 * Recovery: how a session wakes from its rows (I11). A turn whose model was never called is run; a turn that waits
 * for a person, or that an agent pushes from outside, goes on; any other unfinished turn ends as interrupted, with its text kept.
 */
import type { RestoredAnswer } from '../../machines/answer.ts';
import type { QueueEntry, WaitingTurn } from '../../machines/chat-session-context.ts';
import { interruptedCalls, interruptionEvents } from '../../machines/interruption.ts';
import { restoredAnswer } from '../../machines/restored-answer.ts';
import type { ResumedTurn, TurnCall } from '../../machines/turn-context.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import { runEndReasons } from '../../schema/run-end-reasons.ts';
import { type Milliseconds, millisecondsOf } from '../../schema/timestamp.ts';
import type { EndedStep } from '../../schema/turn-record.ts';
import type { ReadModel } from '../ports.ts';
import type { StoredToolCall, StoredTurn } from '../stored-rows.ts';

export type Waking = {
  readonly session: ChatSession;
  /** What is to be run or placed, in order. */
  readonly queue: readonly QueueEntry[];
  /** Events to journal before the actor starts. */
  readonly closing: readonly DomainEvent[];
};

/**
 * `undefined`: there is no such session. Rejects when the read model does.
 *
 * `afterCrash`: the session's actor died of a bug, so a turn that had begun is not begun again: it could trigger the
 * same bug.
 */
export async function readWaking(
  readModel: ReadModel,
  id: SessionId,
  options: { readonly now: Milliseconds; readonly afterCrash: boolean },
): Promise<Waking | undefined> {
  const { now, afterCrash } = options;
  const stored = await readModel.storedSession(id);
  if (stored === undefined) return undefined;
  const begun: QueueEntry[] = [];
  const queued: QueueEntry[] = [];
  const closing: DomainEvent[] = [];
  const messages = new Map(stored.waiting.map((message) => [message.id, message]));
  for (const turn of stored.turns) {
    const { rank } = turn;
    if (turn.status === 'queued') {
      const message = messages.get(turn.promptId) ?? null;
      messages.delete(turn.promptId);
      queued.push({ rank, message, turn: await waitingTurn(readModel, turn) });
      continue;
    }
    if (turn.pushed !== undefined && !afterCrash) {
      begun.push({ rank, message: null, turn: await pushedTurn(readModel, turn) });
      continue;
    }
    if (turn.step === 0 && !afterCrash) {
      begun.push({ rank, message: null, turn: await waitingTurn(readModel, turn) });
      continue;
    }
    const calls = await readModel.toolCalls(turn.turnId);
    if (!afterCrash && calls.some(awaitsApproval)) {
      const running = calls.filter((call) => call.status === 'running');
      closing.push(...interruptedCalls(turn, running, now));
      const resumed = await resumedTurn(readModel, turn, calls);
      begun.push({ rank, message: null, turn: { ...(await waitingTurn(readModel, turn)), resumed } });
    } else {
      closing.push(...(await closingOf(readModel, turn, calls, now)));
    }
  }
  // What had begun goes first, whatever its rank was. Messages without a turn wait, too.
  for (const message of messages.values()) queued.push({ rank: message.queueRank ?? 0, message, turn: null });
  queued.sort((one, other) => one.rank - other.rank);
  const first = (queued[0]?.rank ?? 1) - begun.length;
  const queue = [...begun.map((entry, index) => ({ ...entry, rank: first + index })), ...queued];
  return { session: stored.session, queue, closing };
}

function awaitsApproval(call: StoredToolCall): boolean {
  return call.status === 'awaitingApproval';
}

async function waitingTurn(readModel: ReadModel, turn: StoredTurn): Promise<WaitingTurn> {
  const { turnId, sessionId, promptId, answerId, traceId, options, scopes, chargedTo } = turn;
  const { continuesAt, steers, pushed } = turn;
  const trace = turn.status === 'running' ? await readModel.trace(traceId) : undefined;
  const answer = continuesAt === undefined ? undefined : await readModel.message(sessionId, answerId);
  return {
    turnId,
    sessionId,
    promptId,
    answerId,
    traceId,
    traceCreatedAt: trace === undefined ? null : millisecondsOf(trace.createdAt),
    ...(options === undefined ? {} : { options }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(answer === undefined ? {} : { continues: restoredAnswer(answer), continuesAt }),
    ...(steers ? { steers } : {}),
    ...(pushed === undefined ? {} : { pushed }),
    ...(chargedTo === undefined ? {} : { chargedTo }),
  };
}

/** Its calls run on: the agent that runs them has not ended with this server. */
async function pushedTurn(readModel: ReadModel, turn: StoredTurn): Promise<WaitingTurn> {
  const { step, turnId, sessionId, answerId, received = 0 } = turn;
  const [steps, stored, answer] = await Promise.all([
    readModel.turnSteps(turnId),
    readModel.toolCalls(turnId),
    readModel.message(sessionId, answerId),
  ]);
  const calls = stored.map(
    (call): TurnCall => ({ ...turnCall(call), status: call.status, result: call.result ?? '' }),
  );
  const resumed: ResumedTurn = {
    // The process may have ended between the start of the turn and that of its first step.
    step: Math.max(1, step),
    steps,
    calls: calls.filter((call) => call.step >= step),
    earlierCalls: calls.filter((call) => call.step < step),
    answer: answer === undefined ? null : restoredAnswer(answer),
    received,
  };
  return { ...(await waitingTurn(readModel, turn)), resumed };
}

async function resumedTurn(
  readModel: ReadModel,
  turn: StoredTurn,
  stored: readonly StoredToolCall[],
): Promise<ResumedTurn> {
  const steps = await readModel.turnSteps(turn.turnId);
  const calls = stored.map(turnCall);
  return {
    step: turn.step,
    steps,
    calls: calls.filter((call) => call.step === turn.step),
    earlierCalls: calls.filter((call) => call.step < turn.step),
    answer: await answerSoFar(readModel, turn, steps.at(-1)),
  };
}

async function answerSoFar(
  readModel: ReadModel,
  turn: StoredTurn,
  lastStep: EndedStep | undefined,
): Promise<RestoredAnswer | null> {
  const message = await readModel.message(turn.sessionId, turn.answerId);
  const reasoning = lastStep?.reasoning ?? null;
  if (message !== undefined) return { ...restoredAnswer(message), reasoning };
  return reasoning === null ? null : { text: null, createdAt: null, marks: [], reasoning };
}

/** A call that was running may have had its effect, so it is not run again: it has failed. */
function turnCall(call: StoredToolCall): TurnCall {
  const { id, modelCallId, name, argumentsJson, step, needsApproval, approvalDeadline, approval } = call;
  const wasRunning = call.status === 'running';
  return {
    id,
    modelCallId,
    name,
    argumentsJson,
    step,
    needsApproval,
    approvalTimeoutMs: null,
    approvalDeadline,
    approval,
    status: wasRunning ? 'failed' : call.status,
    result: wasRunning ? runEndReasons.serverStopped : (call.result ?? ''),
    ...(call.files === undefined ? {} : { files: call.files }),
    ranMs: 0,
  };
}

async function closingOf(
  readModel: ReadModel,
  turn: StoredTurn,
  calls: readonly StoredToolCall[],
  now: Milliseconds,
): Promise<readonly DomainEvent[]> {
  return interruptionEvents(
    {
      turn,
      answer: await readModel.message(turn.sessionId, turn.answerId),
      trace: await readModel.trace(turn.traceId),
      openCalls: calls.filter((call) => call.status === 'running' || awaitsApproval(call)),
      chargedTo: turn.chargedTo,
      steps: turn.chargedTo === undefined ? [] : await readModel.turnSteps(turn.turnId),
    },
    now,
  );
}
