/**
 * Recovery: how a session wakes from its rows (I11). Turns whose model was never called are run; turns that were
 * in the middle of something end as interrupted, with their text kept.
 */
import type { WaitingTurn } from '../machines/chat-session-context.ts';
import { interruptionEvents } from '../machines/interruption.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId } from '../schema/ids.ts';
import { type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import type { ReadModel, StoredTurn } from './ports.ts';

export type Waking = {
  readonly session: ChatSession;
  readonly waiting: readonly WaitingTurn[];
  /** To be journaled before the actor starts. */
  readonly closing: readonly DomainEvent[];
};

/**
 * `undefined`: there is no such session. Rejects when the read model does.
 *
 * `afterCrash`: the session's actor died of a bug, so a turn that had begun is not begun again, lest it does the
 * same once more.
 */
export async function readWaking(
  readModel: ReadModel,
  id: SessionId,
  options: { readonly now: Milliseconds; readonly afterCrash: boolean },
): Promise<Waking | undefined> {
  const { now, afterCrash } = options;
  const stored = await readModel.storedSession(id);
  if (stored === undefined) return undefined;
  const waiting: WaitingTurn[] = [];
  const closing: DomainEvent[] = [];
  for (const turn of stored.turns) {
    if (turn.status === 'running' && (turn.step > 0 || afterCrash))
      closing.push(...(await closingOf(readModel, turn, now)));
    else waiting.push(await waitingTurn(readModel, turn));
  }
  return { session: stored.session, waiting, closing };
}

async function waitingTurn(readModel: ReadModel, turn: StoredTurn): Promise<WaitingTurn> {
  const { turnId, sessionId, promptId, answerId, failureId, traceId } = turn;
  const trace = turn.status === 'running' ? await readModel.trace(traceId) : undefined;
  return {
    turnId,
    sessionId,
    promptId,
    answerId,
    failureId,
    traceId,
    traceCreatedAt: trace === undefined ? null : millisecondsOf(trace.createdAt),
  };
}

async function closingOf(
  readModel: ReadModel,
  turn: StoredTurn,
  now: Milliseconds,
): Promise<readonly DomainEvent[]> {
  const calls = await readModel.toolCalls(turn.turnId);
  return interruptionEvents(
    {
      turn,
      answer: await readModel.message(turn.answerId),
      trace: await readModel.trace(turn.traceId),
      runningCalls: calls.filter((call) => call.status === 'running'),
    },
    now,
  );
}
