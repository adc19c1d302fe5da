/**
 * The queue of a session: messages and turns that wait for their turn. A message that waits has a rank and no place in
 * the tree; it gets its parent when it is next, so that each question follows the answer before it. Pure.
 */
import type { MessageFact } from '../schema/chat-message.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { CommandId, MessageId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { type Refusal, refusal } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import type { QueueEntry, SessionContext, WaitingTurn } from './chat-session-context.ts';
import {
  branchSelected,
  createdSession,
  droppedTurn,
  type SessionDecision,
  sessionAtLeaf,
} from './session-decision.ts';

type Queue = readonly QueueEntry[];

export function lastRank(queue: Queue): number {
  return (queue.at(-1)?.rank ?? 0) + 1;
}

export function firstRank(queue: Queue): number {
  return (queue[0]?.rank ?? 1) - 1;
}

/** Whether the running turn ends before its next model call, to let the first of the queue begin. */
export function isSteered(queue: Queue): boolean {
  return queue[0]?.turn?.steers === true;
}

export function waitingEntry(queue: Queue, id: MessageId): QueueEntry | undefined {
  return queue.find(({ message }) => message?.id === id);
}

/**
 * `null`: one more may wait, with `units` UTF-16 units of text. Messages that get no answer take no place from those
 * that do, but they, too, cannot wait without bound.
 */
export function queueRefusal(
  queue: Queue,
  { units, wantsAnswer }: { readonly units: number; readonly wantsAnswer: boolean },
): Refusal | null {
  const { turnsWaitingMax } = limits;
  const turns = queue.filter(({ turn }) => turn !== null).length;
  if (wantsAnswer && turns >= turnsWaitingMax) {
    return refusal(
      'queue_full',
      `At most ${turnsWaitingMax} messages of a session can wait for their answer`,
    );
  }
  if (queue.length >= 2 * turnsWaitingMax) {
    return refusal('queue_full', `At most ${2 * turnsWaitingMax} messages of a session can wait`);
  }
  const waiting = queue.reduce((sum, { message }) => sum + (message?.content.length ?? 0), 0);
  if (waiting + units <= limits.waitingUnitsMax) return null;
  return refusal('queue_full', `The messages of a session that wait have too much text together`);
}

/** With the entry in its place by rank. */
export function enqueued(queue: Queue, entry: QueueEntry): Queue {
  const later = queue.findIndex(({ rank }) => rank > entry.rank);
  return later === -1 ? [...queue, entry] : queue.toSpliced(later, 0, entry);
}

export function turnQueued(
  turn: WaitingTurn,
  rank: number,
  at: Milliseconds,
  commandId: CommandId,
): DomainEvent {
  const { turnId, sessionId, promptId, answerId, traceId, options, scopes, chargedTo } = turn;
  const { continuesAt, steers, pushed } = turn;
  return {
    type: 'turn.queued',
    sessionId,
    at,
    commandId,
    data: {
      turnId,
      sessionId,
      promptId,
      answerId,
      traceId,
      timestamp: isoTimestamp(at),
      ...(options === undefined ? {} : { options }),
      ...(scopes === undefined ? {} : { scopes: [...scopes] }),
      rank,
      ...(continuesAt === undefined ? {} : { continuesAt }),
      ...(steers === true ? { steers } : {}),
      ...(pushed === undefined ? {} : { pushed }),
      ...(chargedTo === undefined ? {} : { chargedTo }),
    },
  };
}

/** Ends the turns that are meant. Their messages wait on, so that they keep their place in the conversation. */
export function dropTurns(
  queue: Queue,
  isMeant: (turn: TurnIdentity) => boolean,
  at: Milliseconds,
): {
  readonly queue: Queue;
  readonly dropped: readonly TurnIdentity[];
  readonly says: readonly DomainEvent[];
} {
  const dropped: TurnIdentity[] = [];
  const left = queue.flatMap((entry): Queue => {
    if (entry.turn === null || !isMeant(entry.turn)) return [entry];
    dropped.push(entry.turn);
    return entry.message === null ? [] : [{ ...entry, turn: null }];
  });
  return { queue: left, dropped, says: dropped.map((turn) => droppedTurn(turn, at)) };
}

/** The message gets its place behind the current leaf, and becomes the leaf. */
export function placed(context: SessionContext, message: MessageFact): SessionDecision {
  const session = createdSession(context);
  const { queueRank: _, ...rest } = message;
  const data: MessageFact = { ...rest, parentId: session.leafId ?? null };
  const at = context.now;
  return {
    changes: { session: sessionAtLeaf(session, message.id) },
    says: [
      { type: 'message.updated', sessionId: session.id, at, data },
      ...branchSelected(session, message.id, at),
    ],
  };
}
