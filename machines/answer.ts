/**
 * Answer: the text of one assistant message, assembled piece by piece (I4).
 *
 * Goal: the cheapest possible actor, because it receives every token. Method: `fromTransition`; pieces are kept in an
 * array and joined only when the text is read. The turn owns the message's lifecycle; the answer only knows its text.
 *
 * The engine must send well-formed pieces without NUL that never split a surrogate pair (SPEC [TXT1], [TXT2]).
 */
import { type ActorSystem, type ActorSystemInfo, fromTransition } from 'xstate';
import type { ChatMessage } from '../schema/chat-message.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { MessageId, SessionId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { EarlyFinishReason } from '../schema/model-usage.ts';
import type { ReasoningPartial } from '../schema/reasoning.ts';
import type { TextPiece } from '../schema/text-piece.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';
import { appended, emptyText, type GrowingText, joined } from './growing-text.ts';

export type AnswerInput = {
  readonly sessionId: SessionId;
  readonly messageId: MessageId;
  readonly agentId: string;
  /** Receives `answer.opened` once, right after `message.created` was emitted. */
  readonly turn: { readonly send: (event: AnswerOpened) => void };
  readonly restored?: RestoredAnswer | undefined;
};

/** The text and reasoning of an answer whose actor has gone. */
export type RestoredAnswer = {
  /** `null`: its message does not exist yet. */
  readonly text: string | null;
  readonly createdAt: Milliseconds | null;
  readonly reasoning: { readonly text: string; readonly open: boolean } | null;
};

/** The first text has arrived: the message exists from now on. */
export type AnswerOpened = { readonly type: 'answer.opened'; readonly at: Milliseconds };

export type AnswerEvent =
  | { readonly type: 'answer.text'; readonly text: string; readonly at: Milliseconds }
  | { readonly type: 'answer.reasoning'; readonly text: string; readonly at: Milliseconds }
  /** Checkpoints the text that is new since the last checkpoint. */
  | { readonly type: 'answer.checkpoint'; readonly at: Milliseconds }
  /** Emits the restored text, for clients that join. */
  | { readonly type: 'answer.resume'; readonly at: Milliseconds }
  /** No more text; emits the final `message.updated` if there was any. */
  | {
      readonly type: 'answer.end';
      readonly at: Milliseconds;
      /** Present when the model did not reach its end. */
      readonly finishReason?: EarlyFinishReason | undefined;
    };

export type AnswerContext = AnswerInput & {
  /** The time of the first text; `null` before it. */
  readonly createdAt: Milliseconds | null;
  readonly text: GrowingText;
  readonly reasoning: GrowingText;
  readonly reasoningOpen: boolean;
  /** How many pieces, and UTF-16 units, the journal has. */
  readonly checkpointed: { readonly pieces: number; readonly units: number };
  readonly ended: boolean;
};

/** The phase of an answer, for inspectors: a fold has no states of its own. */
export type AnswerPhase = 'empty' | 'reasoning' | 'streaming' | 'ended';

export function answerPhase({ ended, reasoningOpen, createdAt }: AnswerContext): AnswerPhase {
  if (ended) return 'ended';
  if (reasoningOpen) return 'reasoning';
  return createdAt === null ? 'empty' : 'streaming';
}

type Emit = (event: DomainEvent | TextPiece) => void;

export const answerLogic = fromTransition<
  AnswerContext,
  AnswerEvent,
  ActorSystem<ActorSystemInfo>,
  AnswerInput,
  DomainEvent | TextPiece
>(
  // XState sends the actor an event of its own when it is stopped; that event does not change the text.
  (context, event, scope) => (isAnswerEvent(event) ? nextAnswer(context, event, scope.emit) : context),
  ({ input }) => initialAnswer(input),
);

export function initialAnswer(input: AnswerInput): AnswerContext {
  const { text = null, createdAt = null, reasoning = null } = input.restored ?? {};
  const said = text === null || text === '' ? emptyText : appended(emptyText, text);
  const reasoned =
    reasoning === null || reasoning.text === '' ? emptyText : appended(emptyText, reasoning.text);
  return {
    ...input,
    createdAt,
    text: said,
    reasoning: reasoned,
    reasoningOpen: reasoning?.open ?? false,
    checkpointed: { pieces: said.count, units: said.units },
    ended: false,
  };
}

function isAnswerEvent(event: { readonly type: string }): event is AnswerEvent {
  return event.type.startsWith('answer.');
}

/** The pure step: returns the answer's next context, and emits events through `emit`. Nothing follows `answer.end`. */
export function nextAnswer(context: AnswerContext, event: AnswerEvent, emit: Emit): AnswerContext {
  if (context.ended) return context;
  switch (event.type) {
    case 'answer.text':
      return event.text === '' ? context : withText(closedReasoning(context, event.at, emit), event, emit);
    case 'answer.reasoning':
      return event.text === '' ? context : withReasoning(context, event, emit);
    case 'answer.checkpoint':
      return checkpointed(context, event.at, emit);
    case 'answer.resume':
      return resumed(context, event.at, emit);
    case 'answer.end':
      return ended(closedReasoning(context, event.at, emit), event, emit);
    default:
      return unreachable(event);
  }
}

function withText(
  context: AnswerContext,
  event: { readonly text: string; readonly at: Milliseconds },
  emit: Emit,
): AnswerContext {
  const first = context.createdAt === null;
  const text = appended(context.text, event.text);
  const next = { ...context, text, createdAt: context.createdAt ?? event.at };
  if (first) {
    emit({
      type: 'message.created',
      sessionId: context.sessionId,
      at: event.at,
      data: messageOf(next, text),
    });
    context.turn.send({ type: 'answer.opened', at: event.at });
  }
  emit({
    type: 'message.delta',
    sessionId: context.sessionId,
    messageId: context.messageId,
    offset: context.text.units,
    text: event.text,
    soFar: () => messageOf(next, text),
  });
  if (first) return { ...next, checkpointed: { pieces: text.count, units: text.units } };
  return text.units - next.checkpointed.units >= limits.checkpointUnitsMax
    ? checkpointed(next, event.at, emit)
    : next;
}

/**
 * Emits an empty piece at the end of each text: a client that joins now gets a snapshot, and later pieces continue it
 * (I4).
 */
function resumed(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  const { sessionId, messageId, text, reasoning } = context;
  const about = { sessionId, messageId, text: '' };
  if (context.reasoningOpen) {
    const soFar = () => reasoningOf(context, reasoning, at);
    emit({ type: 'reasoning.delta', ...about, offset: reasoning.units, soFar });
  }
  if (context.createdAt !== null) {
    emit({ type: 'message.delta', ...about, offset: text.units, soFar: () => messageOf(context, text) });
  }
  return context;
}

function checkpointed(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  const { text } = context;
  if (text.count === context.checkpointed.pieces) return context;
  emit({
    type: 'message.checkpoint',
    sessionId: context.sessionId,
    at,
    data: {
      sessionId: context.sessionId,
      messageId: context.messageId,
      offset: context.checkpointed.units,
      text: joined(text, context.checkpointed.pieces),
    },
  });
  return { ...context, checkpointed: { pieces: text.count, units: text.units } };
}

function withReasoning(
  context: AnswerContext,
  event: { readonly text: string; readonly at: Milliseconds },
  emit: Emit,
): AnswerContext {
  const reasoning = appended(context.reasoning, event.text);
  emit({
    type: 'reasoning.delta',
    sessionId: context.sessionId,
    messageId: context.messageId,
    offset: context.reasoning.units,
    text: event.text,
    soFar: () => reasoningOf(context, reasoning, event.at),
  });
  return { ...context, reasoning, reasoningOpen: true };
}

function closedReasoning(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  if (!context.reasoningOpen) return context;
  emit({
    type: 'message.reasoning.completed',
    sessionId: context.sessionId,
    at,
    data: reasoningOf(context, context.reasoning, at),
  });
  return { ...context, reasoningOpen: false };
}

function ended(
  context: AnswerContext,
  { at, finishReason }: Extract<AnswerEvent, { type: 'answer.end' }>,
  emit: Emit,
): AnswerContext {
  if (context.createdAt !== null) {
    const data = messageOf(context, context.text);
    emit({
      type: 'message.updated',
      sessionId: context.sessionId,
      at,
      data: finishReason === undefined ? data : { ...data, finishReason },
    });
  }
  return { ...context, ended: true };
}

function messageOf(context: AnswerContext, text: GrowingText): ChatMessage {
  return {
    id: context.messageId,
    sessionId: context.sessionId,
    role: 'assistant',
    content: joined(text),
    createdAt: isoTimestamp(context.createdAt ?? 0),
  };
}

function reasoningOf(context: AnswerContext, text: GrowingText, at: Milliseconds): ReasoningPartial {
  return {
    sessionId: context.sessionId,
    messageId: context.messageId,
    text: joined(text),
    timestamp: isoTimestamp(at),
    agentId: context.agentId,
  };
}
