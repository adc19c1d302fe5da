/**
 * Answer: the text of one assistant message, assembled piece by piece (I4).
 *
 * Goal: the cheapest possible actor, because it receives every token. Method: `fromTransition`; pieces are kept in an
 * array and joined only when the text is read. The turn owns the message's lifecycle; the answer only knows its text.
 *
 * The engine must send well-formed pieces without NUL that never split a surrogate pair (SPEC [TXT1], [TXT2]).
 */
import { type ActorSystem, type ActorSystemInfo, fromTransition } from 'xstate';
import type { MessageFact, MessageStatus } from '../schema/chat-message.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { MessageAuthor } from '../schema/message-author.ts';
import type { FilePart, MarkedPart, MessageMark } from '../schema/message-part.ts';
import { costOf, type FinishReason, type ModelUsage } from '../schema/model-usage.ts';
import type { ReasoningPartial } from '../schema/reasoning.ts';
import type { TextPiece } from '../schema/text-piece.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';
import { appended, emptyText, type GrowingText, joined } from './growing-text.ts';

export type AnswerInput = {
  readonly sessionId: SessionId;
  readonly messageId: MessageId;
  /** The message that is answered. */
  readonly promptId: MessageId;
  /** Absent: the message that is answered. */
  readonly parentId?: MessageId | null | undefined;
  /** The turn that gives it, or goes on with it. */
  readonly turnId: TurnId;
  readonly agentId: string;
  /** For whom the agent speaks that pushes it; absent: a model of the server gives it. */
  readonly author?: MessageAuthor | undefined;
  /** Receives `answer.opened` once, right after `message.created` was emitted, and `answer.spoke` with the first text. */
  readonly turn: { readonly send: (event: AnswerOpened | AnswerSpoke) => void };
  readonly restored?: RestoredAnswer | undefined;
};

/** The text and reasoning of an answer whose actor has gone. */
export type RestoredAnswer = {
  /** `null`: its message does not exist yet. */
  readonly text: string | null;
  readonly createdAt: Milliseconds | null;
  readonly marks: readonly MessageMark[];
  /** All of it, whether or not it is among the marks already. */
  readonly reasoning: { readonly text: string; readonly open: boolean } | null;
  /** Of an answer that had ended: the tokens that it took, and the model that gave it. */
  readonly usage?: ModelUsage | undefined;
  readonly model?: string | undefined;
  /** … and who said it, if it was pushed. */
  readonly author?: MessageAuthor | undefined;
};

/** The first text or reasoning has arrived: the message exists from now on. */
export type AnswerOpened = {
  readonly type: 'answer.opened';
  readonly at: Milliseconds;
  /** True: it begins with text. */
  readonly spoke: boolean;
};

/** The first text has arrived, after reasoning. */
export type AnswerSpoke = { readonly type: 'answer.spoke'; readonly at: Milliseconds };

export type AnswerEvent =
  | { readonly type: 'answer.text'; readonly text: string; readonly at: Milliseconds }
  | { readonly type: 'answer.reasoning'; readonly text: string; readonly at: Milliseconds }
  /** The model asks for these calls; calls that are parts already stay so. */
  | {
      readonly type: 'answer.calls';
      readonly calls: readonly { readonly id: ToolCallId; readonly name: string }[];
      readonly at: Milliseconds;
    }
  /** A call has ended, and its tool returned these. */
  | { readonly type: 'answer.files'; readonly files: readonly FilePart[]; readonly at: Milliseconds }
  /** Another model call begins. */
  | { readonly type: 'answer.step'; readonly at: Milliseconds }
  /** Checkpoints the text and the parts that are new since the last checkpoint. */
  | { readonly type: 'answer.checkpoint'; readonly at: Milliseconds }
  /** Emits the restored text, for clients that join. */
  | { readonly type: 'answer.resume'; readonly at: Milliseconds }
  /** An answer that had ended goes on, with a further step. */
  | { readonly type: 'answer.reopen'; readonly at: Milliseconds }
  /** No more text; emits the final `message.updated` if the message exists. */
  | ({ readonly type: 'answer.end'; readonly at: Milliseconds } & AnswerEnd);

/** How an answer ended. */
export type AnswerEnd = {
  readonly status: Exclude<MessageStatus, 'streaming'>;
  readonly finishReason?: FinishReason | undefined;
  readonly model?: string | undefined;
  readonly usage?: ModelUsage | undefined;
};

export type AnswerContext = AnswerInput & {
  /** The time of the first text; `null` before it. */
  readonly createdAt: Milliseconds | null;
  readonly text: GrowingText;
  readonly reasoning: GrowingText;
  readonly reasoningOpen: boolean;
  /** The parts so far that are no text. */
  readonly marks: readonly MessageMark[];
  /** How many pieces of reasoning are in `marks`. */
  readonly reasoningMarked: number;
  /** How many pieces, UTF-16 units and marks the journal has. */
  readonly checkpointed: { readonly pieces: number; readonly units: number; readonly marks: number };
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
  const { text = null, createdAt = null, reasoning = null, marks = [] } = input.restored ?? {};
  const said = text === null || text === '' ? emptyText : appended(emptyText, text);
  const marked = isCut(marks) ? (reasoning?.text.length ?? 0) : markedReasoning(marks);
  const reasoned = [reasoning?.text.slice(0, marked) ?? '', reasoning?.text.slice(marked) ?? '']
    .filter((piece) => piece !== '')
    .reduce(appended, emptyText);
  return {
    ...input,
    createdAt,
    text: said,
    reasoning: reasoned,
    reasoningOpen: reasoning?.open ?? false,
    marks,
    reasoningMarked: marked === 0 ? 0 : Math.min(1, reasoned.count),
    checkpointed: { pieces: said.count, units: said.units, marks: createdAt === null ? 0 : marks.length },
    ended: false,
  };
}

/** UTF-16 units of the reasoning that is among the marks. */
function markedReasoning(marks: readonly MessageMark[]): number {
  return marks.reduce((sum, { part }) => sum + (part?.type === 'reasoning' ? part.text.length : 0), 0);
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
    case 'answer.calls':
      return checkpointed(withCalls(context, event.calls), event.at, emit);
    case 'answer.files':
      return checkpointed(event.files.reduce(withMark, withReasoningMarked(context)), event.at, emit);
    case 'answer.step':
      return withBorder(context);
    case 'answer.checkpoint':
      return checkpointed(context, event.at, emit);
    case 'answer.resume':
      return resumed(context, event.at, emit);
    case 'answer.reopen':
      return reopened(context, event.at, emit);
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
  const text = appended(context.text, event.text);
  const said = { ...context, text };
  const isFirst = context.createdAt === null;
  const next = isFirst ? opened(said, event.at, emit) : said;
  if (isFirst) context.turn.send({ type: 'answer.opened', at: event.at, spoke: true });
  else if (context.text.units === 0) context.turn.send({ type: 'answer.spoke', at: event.at });
  emit({
    type: 'message.delta',
    sessionId: context.sessionId,
    messageId: context.messageId,
    offset: context.text.units,
    text: event.text,
    soFar: () => messageOf(next),
  });
  return text.units - next.checkpointed.units >= limits.checkpointUnitsMax
    ? checkpointed(next, event.at, emit)
    : next;
}

/** The message exists from now on, with what there is of it. */
function opened(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  const { sessionId, text, marks } = context;
  const next = {
    ...context,
    createdAt: at,
    checkpointed: { pieces: text.count, units: text.units, marks: marks.length },
  };
  emit({ type: 'message.created', sessionId, at, data: messageOf(next) });
  return next;
}

function withCalls(
  context: AnswerContext,
  calls: Extract<AnswerEvent, { type: 'answer.calls' }>['calls'],
): AnswerContext {
  const known = new Set(context.marks.map(({ part }) => (part?.type === 'tool-call' ? part.callId : null)));
  return calls
    .filter(({ id }) => !known.has(id))
    .reduce(
      (next, { id, name }) => withMark(next, { type: 'tool-call', callId: id, name }),
      withReasoningMarked(context),
    );
}

function withMark(context: AnswerContext, part: MarkedPart): AnswerContext {
  return { ...context, marks: [...context.marks, { offset: context.text.units, part }] };
}

/** Another model call begins. Borders are counted through all turns of the answer; its first step has none. */
function withBorder(context: AnswerContext): AnswerContext {
  const borders = context.marks.filter(({ part }) => part?.type === 'step').length;
  return withMark(withReasoningMarked(context), { type: 'step', step: borders + 2 });
}

/**
 * What was reasoned since the last mark becomes a part, though reasoning may go on. An answer keeps so much of its
 * reasoning in all; nothing follows the part that was cut.
 */
function withReasoningMarked(context: AnswerContext): AnswerContext {
  const { reasoning, reasoningMarked, marks } = context;
  if (reasoning.count === reasoningMarked) return context;
  const marked = { ...context, reasoningMarked: reasoning.count };
  if (isCut(marks)) return marked;
  const text = joined(reasoning, reasoningMarked);
  const kept = text.slice(0, limits.reasoningUnitsMax - markedReasoning(marks)).toWellFormed();
  return withMark(marked, { type: 'reasoning', text: kept, ...(kept === text ? {} : { cut: true }) });
}

function isCut(marks: readonly MessageMark[]): boolean {
  return marks.some(({ part }) => part?.type === 'reasoning' && part.cut === true);
}

/**
 * Clients see it stream again; what comes is a further step. If the process ended after the same turn had reopened it,
 * its border is there already.
 */
function reopened(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  const { sessionId, restored } = context;
  const last = context.marks.at(-1);
  const isAtBorder = last?.part?.type === 'step' && last.offset === context.text.units;
  const next = isAtBorder ? context : withBorder(context);
  // What it has cost so far must not be lost if this turn does not live to say what it cost in all.
  const data = { ...messageOf(next), ...costOf({ model: restored?.model, usage: restored?.usage }) };
  emit({ type: 'message.updated', sessionId, at, data });
  return resumed({ ...next, checkpointed: { ...next.checkpointed, marks: next.marks.length } }, at, emit);
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
    emit({ type: 'message.delta', ...about, offset: text.units, soFar: () => messageOf(context) });
  }
  return context;
}

/** Nothing is checkpointed of a message that does not exist: its `message.created` will have all of it. */
function checkpointed(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  const { text, marks, checkpointed: before } = context;
  if (context.createdAt === null) return context;
  if (text.count === before.pieces && marks.length === before.marks) return context;
  const newMarks = marks.slice(before.marks);
  emit({
    type: 'message.checkpoint',
    sessionId: context.sessionId,
    at,
    data: {
      sessionId: context.sessionId,
      messageId: context.messageId,
      offset: before.units,
      text: joined(text, before.pieces),
      ...(newMarks.length === 0 ? {} : { marks: newMarks }),
    },
  });
  return {
    ...context,
    checkpointed: { pieces: text.count, units: text.units, marks: marks.length },
  };
}

function withReasoning(
  context: AnswerContext,
  event: { readonly text: string; readonly at: Milliseconds },
  emit: Emit,
): AnswerContext {
  const isFirst = context.createdAt === null;
  const known = isFirst ? opened(context, event.at, emit) : context;
  if (isFirst) context.turn.send({ type: 'answer.opened', at: event.at, spoke: false });
  const reasoning = appended(context.reasoning, event.text);
  emit({
    type: 'reasoning.delta',
    sessionId: context.sessionId,
    messageId: context.messageId,
    offset: context.reasoning.units,
    text: event.text,
    soFar: () => reasoningOf(context, reasoning, event.at),
  });
  return { ...known, reasoning, reasoningOpen: true };
}

function closedReasoning(context: AnswerContext, at: Milliseconds, emit: Emit): AnswerContext {
  if (!context.reasoningOpen) return context;
  emit({
    type: 'message.reasoning.completed',
    sessionId: context.sessionId,
    at,
    data: {
      ...reasoningOf(context, context.reasoning, at),
      responseId: context.turnId,
      metadata: { promptId: context.promptId },
    },
  });
  return checkpointed(withReasoningMarked({ ...context, reasoningOpen: false }), at, emit);
}

function ended(
  context: AnswerContext,
  { at, status, finishReason, model, usage }: Extract<AnswerEvent, { type: 'answer.end' }>,
  emit: Emit,
): AnswerContext {
  const next = { ...withReasoningMarked(context), ended: true };
  if (context.createdAt === null) return next;
  const data: MessageFact = {
    ...messageOf(next),
    status,
    ...(finishReason === undefined ? {} : { finishReason }),
    ...costOf({ model, usage }),
  };
  emit({ type: 'message.updated', sessionId: context.sessionId, at, data });
  return next;
}

function messageOf(context: AnswerContext): MessageFact {
  const { messageId, sessionId, promptId, parentId = promptId, text, marks, author } = context;
  return {
    id: messageId,
    sessionId,
    role: 'assistant',
    content: joined(text),
    createdAt: isoTimestamp(context.createdAt ?? 0),
    ...(author === undefined ? {} : { author }),
    parentId,
    promptId,
    status: 'streaming',
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
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
