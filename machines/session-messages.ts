/** Decisions about messages that come, wait, or are to stop waiting. Pure. */
import { type MessageFact, shownMessage } from '../schema/chat-message.ts';
import type { MessageCommand } from '../schema/command-table.ts';
import type { SessionCommand } from '../schema/commands.ts';
import { messageNotFound, refusal } from '../schema/refusal.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import { type QueueEntry, type SessionContext, touched, type WaitingTurn } from './chat-session-context.ts';
import { acceptance } from './command-answer.ts';
import {
  createdSession,
  optionsOf,
  refusing,
  type SessionDecision,
  senderOf,
  sessionAtLeaf,
  sessionChanged,
} from './session-decision.ts';
import {
  dropTurns,
  enqueued,
  firstRank,
  lastRank,
  queueRefusal,
  turnQueued,
  waitingEntry,
} from './session-queue.ts';

type Command<Type extends SessionCommand['type']> = Extract<SessionCommand, { type: Type }>;

export function decideAdd(context: SessionContext, command: Command<'message.add'>): SessionDecision {
  const { at, commandId, turn, queue: policy = 'queue' } = command;
  const isBusy = context.running !== null || context.queue.length > 0;
  if (policy === 'reject' && isBusy) {
    return refusing(context, command, refusal('conflict', 'The agent of the session is answering'));
  }
  const now = Math.max(context.now, at);
  const replaced = policy === 'replace' ? dropTurns(context.queue, () => true, now) : null;
  const queue = replaced?.queue ?? context.queue;
  const asked = { units: command.message.content.length, wantsAnswer: turn !== undefined };
  const obstacle = turn === undefined && !isBusy ? null : queueRefusal(queue, asked);
  if (obstacle !== null) return refusing(context, command, obstacle);

  const rank = lastRank(queue);
  // A message that could begin at once waits nevertheless while the process stops.
  const waits = isBusy || (turn !== undefined && context.parked);
  const before = touched(createdSession(context), at);
  const message = messageOf(
    context,
    command,
    waits ? { queueRank: rank } : { parentId: before.leafId ?? null },
  );
  const session = waits ? before : sessionAtLeaf(before, message.id);
  const queued: WaitingTurn | null =
    turn === undefined
      ? null
      : { ...turn, ...optionsOf(context, command.options), ...senderOf(command), traceCreatedAt: null };
  const entry: QueueEntry = { rank, message: waits ? message : null, turn: queued };
  return {
    changes: { session, now, queue: waits || queued !== null ? enqueued(queue, entry) : queue },
    says: [
      ...(replaced?.says ?? []),
      { type: 'message.created', sessionId: context.sessionId, at, commandId, data: message },
      sessionChanged(session, at, commandId),
      ...(queued === null ? [] : [turnQueued(queued, rank, at, commandId)]),
    ],
    answers: acceptance(context.sessionId, command, shownMessage(message)),
    tells: replaced === null ? undefined : 'turn.cancel',
  };
}

function messageOf(
  context: SessionContext,
  { at, message, author }: Command<'message.add'>,
  place: Pick<MessageFact, 'queueRank' | 'parentId'>,
): MessageFact {
  const { id, role, content, toolCallId, name, marks = [] } = message;
  return {
    id,
    sessionId: context.sessionId,
    role,
    content,
    createdAt: isoTimestamp(at),
    ...(toolCallId === undefined ? {} : { toolCallId }),
    ...(name === undefined ? {} : { name }),
    ...(author === undefined ? {} : { author }),
    ...place,
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
  };
}

/** Idempotent: turns that have already ended are not among the cancelled ones, and that is not an error. */
export function decideCancel(context: SessionContext, command: Command<'turn.cancel'>): SessionDecision {
  const { promptId, at } = command;
  const { sessionId } = context;
  const now = Math.max(context.now, at);
  const isMeant = (turn: TurnIdentity) => promptId === undefined || turn.promptId === promptId;
  const { queue, dropped, says } = dropTurns(context.queue, isMeant, now);
  const running = context.running !== null && isMeant(context.running) ? [context.running] : [];
  const cancelled = [...running, ...dropped].map((turn) => turn.promptId);
  return {
    changes: { queue, now },
    says,
    answers: acceptance(context.sessionId, command, { sessionId, cancelled }),
    tells: running.length === 0 ? undefined : 'turn.cancel',
  };
}

/**
 * A message that waits goes first. `send-now` cancels what runs; `steer` lets it end before its next model call, so that
 * the model hears the message then.
 */
export function decideFirst(
  context: SessionContext,
  command: Extract<MessageCommand, { type: 'message.send-now' | 'message.steer' }>,
): SessionDecision {
  const { type, messageId, stored, at, commandId } = command;
  const waiting = waitingEntry(context.queue, messageId);
  if (waiting === undefined || waiting.message === null) {
    if (stored === null) return refusing(context, command, messageNotFound(messageId));
    // It went first by itself, a moment ago.
    if (context.running?.promptId === messageId) {
      return {
        changes: {},
        says: [],
        answers: acceptance(context.sessionId, command, shownMessage(stored.message)),
      };
    }
    return refusing(context, command, refusal('conflict', `Message ${messageId} does not wait`));
  }
  if (waiting.turn === null) {
    return refusing(context, command, refusal('conflict', `Message ${messageId} gets no answer`));
  }
  const others = context.queue.filter((entry) => entry !== waiting);
  const rank = waiting === context.queue[0] ? waiting.rank : firstRank(context.queue);
  const message: MessageFact = { ...waiting.message, queueRank: rank };
  const turn: WaitingTurn = { ...waiting.turn, ...(type === 'message.steer' ? { steers: true } : {}) };
  return {
    changes: { queue: enqueued(others, { rank, message, turn }), now: Math.max(context.now, at) },
    says: [
      { type: 'message.updated', sessionId: context.sessionId, at, commandId, data: message },
      turnQueued(turn, rank, at, commandId),
    ],
    answers: acceptance(context.sessionId, command, shownMessage(message)),
    tells: type === 'message.steer' ? undefined : 'turn.cancel',
  };
}
