/**
 * Decisions about the tree of a session's messages: another answer, another version of a question, another branch,
 * less of it. Each looks at the message's place, which was looked up just before. Pure.
 */
import { type MessageFact, shownMessage, startsTurn } from '../schema/chat-message.ts';
import type { MessageCommand } from '../schema/command-table.ts';
import type { StoredPlace } from '../schema/commands.ts';
import type { MessageId } from '../schema/ids.ts';
import { messageNotFound, type Refusal, refusal } from '../schema/refusal.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import {
  type MessageDeletion,
  type QueueEntry,
  type SessionContext,
  touched,
  type WaitingTurn,
} from './chat-session-context.ts';
import { acceptance } from './command-answer.ts';
import { restoredAnswer } from './restored-answer.ts';
import {
  branchSelected,
  createdSession,
  droppedTurn,
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

/** A turn whose question does not wait. */
const oneTurn = { units: 0, wantsAnswer: true };

type Command<Type extends MessageCommand['type']> = Extract<MessageCommand, { type: Type }>;

export function decideRegenerate(
  context: SessionContext,
  command: Command<'message.regenerate'>,
): SessionDecision {
  const { messageId, stored, at, commandId, continues } = command;
  if (waitingEntry(context.queue, messageId) !== undefined)
    return refusing(context, command, waits(messageId));
  if (stored === null) return refusing(context, command, messageNotFound(messageId));
  const { prompt, message } = stored;
  if (prompt === null || !startsTurn(prompt.role)) return refusing(context, command, asksNothing(messageId));
  const obstacle =
    (continues ? whyNotContinued(stored, context) : null) ?? queueRefusal(context.queue, oneTurn);
  if (obstacle !== null) return refusing(context, command, obstacle);
  const identity: TurnIdentity = {
    ...command.turn,
    promptId: prompt.id,
    answerId: continues ? message.id : command.turn.answerId,
  };
  const turn: WaitingTurn = {
    ...identity,
    ...optionsOf(context, command.options),
    ...senderOf(command),
    traceCreatedAt: null,
    ...(continues ? { continues: restoredAnswer(message), continuesAt: message.content.length } : {}),
  };
  const cancels = runsAt(context, stored) || context.running?.promptId === prompt.id;
  const session = createdSession(context);
  const leafId = continues ? message.id : prompt.id;
  const rank = cancels ? firstRank(context.queue) : lastRank(context.queue);
  return {
    changes: {
      session: sessionAtLeaf(session, leafId),
      queue: enqueued(context.queue, { rank, message: null, turn }),
      now: Math.max(context.now, at),
    },
    says: [turnQueued(turn, rank, at, commandId), ...branchSelected(session, leafId, at, commandId)],
    answers: acceptance(context.sessionId, command, identity),
    tells: cancels ? 'turn.cancel' : undefined,
  };
}

export function decideEdit(context: SessionContext, command: Command<'message.edit'>): SessionDecision {
  const { messageId, stored, at, commandId } = command;
  const waiting = waitingEntry(context.queue, messageId);
  if (waiting !== undefined && waiting.message !== null)
    return changedWaiting(context, command, { ...waiting, message: waiting.message });
  if (stored === null) return refusing(context, command, messageNotFound(messageId));
  const old = stored.message;
  const obstacle = startsTurn(old.role)
    ? queueRefusal(context.queue, oneTurn)
    : refusal('conflict', `Message ${messageId} asks for no answer, so it has no versions`);
  if (obstacle !== null) return refusing(context, command, obstacle);
  const version: MessageFact = {
    id: command.turn.promptId,
    sessionId: context.sessionId,
    role: old.role,
    content: command.content,
    createdAt: isoTimestamp(at),
    ...(old.name === undefined ? {} : { name: old.name }),
    ...writtenBy(command),
    parentId: old.parentId ?? null,
    ...marksOf(command),
  };
  const session = sessionAtLeaf(touched(createdSession(context), at), version.id);
  const turn: WaitingTurn = {
    ...command.turn,
    ...optionsOf(context, command.options),
    ...senderOf(command),
    traceCreatedAt: null,
  };
  const cancels = runsAt(context, stored);
  const rank = cancels ? firstRank(context.queue) : lastRank(context.queue);
  return {
    changes: {
      session,
      queue: enqueued(context.queue, { rank, message: null, turn }),
      now: Math.max(context.now, at),
    },
    says: [
      { type: 'message.created', sessionId: context.sessionId, at, commandId, data: version },
      sessionChanged(session, at, commandId),
      turnQueued(turn, rank, at, commandId),
    ],
    answers: acceptance(context.sessionId, command, shownMessage(version)),
    tells: cancels ? 'turn.cancel' : undefined,
  };
}

/**
 * A message that waits is replaced in place, with the options of its turn if others are given: nobody has answered it.
 * Whoever changes it has sent it, so that nobody's words run with what somebody else is allowed.
 */
function changedWaiting(
  context: SessionContext,
  command: Command<'message.edit'>,
  { rank, message: old, turn }: QueueEntry & { readonly message: MessageFact },
): SessionDecision {
  const { at, commandId, content } = command;
  const others = context.queue.filter(({ message }) => message !== old);
  const obstacle = startsTurn(old.role)
    ? queueRefusal(others, { units: content.length, wantsAnswer: false })
    : refusal('conflict', `Message ${old.id} asks for no answer, so it has no versions`);
  if (obstacle !== null) return refusing(context, command, obstacle);
  const { marks: _, author: __, ...rest } = old;
  const data: MessageFact = { ...rest, content, edited: true, ...writtenBy(command), ...marksOf(command) };
  const changed = turn === null ? null : changedTurn(context, turn, command);
  return {
    changes: {
      queue: enqueued(others, { rank, message: data, turn: changed ?? turn }),
      now: Math.max(context.now, at),
    },
    says: [
      { type: 'message.updated', sessionId: context.sessionId, at, commandId, data },
      ...(changed === null ? [] : [turnQueued(changed, rank, at, commandId)]),
    ],
    answers: acceptance(context.sessionId, command, shownMessage(data)),
  };
}

/** `null`: the turn stays as it is. */
function changedTurn(
  context: SessionContext,
  turn: WaitingTurn,
  { options, scopes }: Command<'message.edit'>,
): WaitingTurn | null {
  const { scopes: before, ...rest } = turn;
  const isOfOther = JSON.stringify(before) !== JSON.stringify(scopes);
  if (options === undefined && !isOfOther) return null;
  return {
    ...rest,
    ...(options === undefined ? {} : optionsOf(context, options)),
    ...senderOf({ scopes }),
  };
}

export function decideDelete(context: SessionContext, command: MessageDeletion): SessionDecision {
  const { messageId, stored, at, commandId } = command;
  const now = Math.max(context.now, at);
  const waiting = waitingEntry(context.queue, messageId);
  if (waiting !== undefined) {
    const { sessionId } = context;
    return {
      changes: { queue: context.queue.filter((entry) => entry !== waiting), now },
      says: [
        ...(waiting.turn === null ? [] : [droppedTurn(waiting.turn, now)]),
        { type: 'message.deleted', sessionId, at, commandId, data: { sessionId, id: messageId } },
      ],
      answers: acceptance(context.sessionId, command, null),
    };
  }
  if (stored === null) return refusing(context, command, messageNotFound(messageId));
  const { queue, says } = dropTurns(
    context.queue,
    (turn) => stored.openTurns.includes(turn.turnId) || turn.answerId === messageId,
    now,
  );
  if (!runsAt(context, stored)) {
    const pruned = prune({ ...context, queue, now }, command);
    return {
      changes: { queue, now, ...pruned.changes },
      says: [...says, ...pruned.says],
      answers: pruned.answers,
    };
  }
  // Its turn says how it ends before the messages go.
  return { changes: { queue, now, pruning: [...context.pruning, command] }, says, tells: 'turn.cancel' };
}

/**
 * Deletes the message and all below it; nothing runs there any more. A title that is being made could tell of what is
 * deleted, so it is made of a later answer instead.
 */
export function prune(context: SessionContext, command: MessageDeletion): SessionDecision {
  const { messageId, stored, commandId } = command;
  const { sessionId, now } = context;
  const session = createdSession(context);
  const leafId = stored?.isOnBranch === true ? stored.leafWithoutId : (session.leafId ?? null);
  return {
    changes: { session: sessionAtLeaf(session, leafId), titling: false },
    says: [
      { type: 'message.deleted', sessionId, at: now, commandId, data: { sessionId, id: messageId } },
      ...branchSelected(session, leafId, now, commandId),
    ],
    answers: acceptance(context.sessionId, command, null),
  };
}

export function decideSelect(context: SessionContext, command: Command<'branch.select'>): SessionDecision {
  const { messageId, stored, at, commandId } = command;
  if (waitingEntry(context.queue, messageId) !== undefined)
    return refusing(context, command, waits(messageId));
  if (stored === null) return refusing(context, command, messageNotFound(messageId));
  const before = createdSession(context);
  const session = sessionAtLeaf(before, stored.newestLeafId);
  return {
    changes: { session, now: Math.max(context.now, at) },
    says: branchSelected(before, stored.newestLeafId, at, commandId),
    answers: acceptance(context.sessionId, command, session),
  };
}

/** Whether the running turn answers the message or one below it, or gives the answer that it is. */
function runsAt({ running }: SessionContext, { message, openTurns }: StoredPlace): boolean {
  return running !== null && (openTurns.includes(running.turnId) || running.answerId === message.id);
}

function whyNotContinued(
  { message, hasChildren }: StoredPlace,
  { running, queue }: SessionContext,
): Refusal | null {
  const { id, promptId, status = 'complete', content } = message;
  if (promptId === undefined) return refusal('conflict', `Message ${id} is no answer, so it cannot go on`);
  if (status === 'streaming') return refusal('conflict', `Answer ${id} is being given`);
  // What waits would be said behind an answer that is not at its end yet.
  if (running !== null || queue.length > 0)
    return refusal('conflict', 'The agent of the session is answering');
  if (status === 'complete') return refusal('conflict', `Answer ${id} is complete`);
  if (content === '') return refusal('conflict', `Answer ${id} has no text to go on from`);
  return hasChildren ? refusal('conflict', `The conversation has gone on behind answer ${id}`) : null;
}

/** Whose words are changed is not their author any more. */
function writtenBy({ author }: Command<'message.edit'>): Pick<MessageFact, 'author'> {
  return author === undefined ? {} : { author };
}

function marksOf({ marks = [] }: Command<'message.edit'>): Pick<MessageFact, 'marks'> {
  return marks.length === 0 ? {} : { marks: [...marks] };
}

function waits(id: MessageId): Refusal {
  return refusal('conflict', `Message ${id} waits for its turn`);
}

function asksNothing(id: MessageId): Refusal {
  return refusal('conflict', `Message ${id} neither asks for an answer nor is one`);
}
