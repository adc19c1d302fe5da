/**
 * Conversations as a copy or an import begins with them: trees with versions of questions and answers, answers that
 * were continued, turns that said nothing, and tool calls. In order of creation, parents first.
 */
import fc from 'fast-check';
import { z } from 'zod';
import {
  type MessageFact,
  type MessageStatus,
  messageStatuses,
  startsTurn,
} from '../../schema/chat-message.ts';
import type { FileId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import type { ImportedCall, ImportedConversation, ImportedTurn } from '../../schema/imported-conversation.ts';
import { type MarkedPart, type MessagePart, textAndMarks } from '../../schema/message-part.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { storableText } from '../../schema/text.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { turnOutcomes } from '../../schema/turn-record.ts';
import { idKinds, idOf } from './ids.ts';

const words = fc.string({ unit: 'binary', maxLength: 12 }).map(storableText);
const said = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map(storableText);
/** As JSON says it: there is no -0. */
const smallJson = fc.json({ maxDepth: 3 }).map((text) => z.json().parse(JSON.parse(text)));

const aside: fc.Arbitrary<MarkedPart> = fc.oneof(
  fc.record({ type: fc.constant('reasoning' as const), text: words }),
  fc.constant({ type: 'reasoning' as const, text: 'so far', cut: true as const }),
  fc.record({
    type: fc.constant('file' as const),
    fileId: fc.nat({ max: 9 }).map((count) => idOf<FileId>(idKinds.file, count)),
    name: said,
    mediaType: fc.constantFrom('image/png', 'text/plain'),
    bytes: fc.nat(),
  }),
  fc.record({ type: fc.constant('source' as const), url: fc.webUrl() }),
  fc.record({ type: fc.constant('source' as const), url: said, title: said }),
  fc.record({ type: fc.constant('data' as const), name: said, data: smallJson }),
  fc.record({ type: fc.constant('step' as const), step: fc.integer({ min: 2, max: 9 }) }),
);
const somePart: fc.Arbitrary<MessagePart> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('text' as const), text: said }) },
  { weight: 1, arbitrary: aside },
);

const anyAuthor = fc
  .tuple(
    fc.constantFrom('key:ada', 'jwt:https://id.example:bob', 'local'),
    fc.option(said, { nil: undefined }),
  )
  .map(([id, name]) => ({ id: participantIdSchema.parse(id), ...(name === undefined ? {} : { name }) }));

const draft = fc.record({
  role: fc.constantFrom('user', 'user', 'user', 'system', 'developer', 'assistant', 'tool'),
  /** Below which earlier message; 0: it begins a conversation. */
  below: fc.nat(),
  /** Whether it answers that message, if that can be. */
  answers: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
  status: fc.constantFrom(...messageStatuses.filter((status) => status !== 'streaming')),
  parts: fc.array(somePart, { maxLength: 5 }),
  label: fc.option(said, { nil: undefined }),
  author: fc.option(anyAuthor, { nil: undefined }),
  /** The turns of an answer. */
  turns: fc.integer({ min: 1, max: 3 }),
  calls: fc.array(fc.record({ args: words, result: words, failed: fc.boolean(), signed: fc.boolean() }), {
    maxLength: 3,
  }),
  outcome: fc.constantFrom(...turnOutcomes),
  /** A turn of this question that said nothing. */
  isSilent: fc.boolean(),
  pause: fc.nat({ max: 100_000 }),
});
type Draft = typeof draft extends fc.Arbitrary<infer One> ? One : never;

export const anyConversation: fc.Arbitrary<ImportedConversation> = fc
  .tuple(fc.array(draft, { maxLength: 14 }), fc.nat())
  // Records of fast-check have no prototype; values of JSON have one.
  .map(([drafts, leaf]) => structuredClone(conversationOf(drafts, leaf)));

function conversationOf(drafts: readonly Draft[], leaf: number): ImportedConversation {
  const messages: MessageFact[] = [];
  const turns: ImportedTurn[] = [];
  const calls: ImportedCall[] = [];
  let at = Date.parse('2026-01-01T00:00:00.000Z');
  for (const [index, one] of drafts.entries()) {
    at += one.pause;
    const parent = messages[(one.below % (index + 1)) - 1];
    const id = idOf<MessageId>(idKinds.prompt, index);
    const isAnswer = parent !== undefined && one.answers && startsTurn(parent.role);
    const made = { id, at, promptId: isAnswer ? parent.id : id, draft: one };
    const { parts, ...work } = isAnswer ? answerWork(made, turns.length, calls.length) : plainWork(made);
    const { content, marks } = textAndMarks(parts);
    const known: Partial<MessageFact> = isAnswer
      ? {
          promptId: parent.id,
          ...statusOf(one.status),
          finishReason: 'stop',
          model: 'some/model',
          usage: { inputTokens: 3, outputTokens: content.length },
        }
      : {};
    messages.push({
      id,
      sessionId: idOf<SessionId>(idKinds.session, 0),
      role: isAnswer ? 'assistant' : one.role,
      content,
      createdAt: isoTimestamp(at),
      ...(one.label === undefined ? {} : { name: one.label, toolCallId: one.label }),
      ...(one.author === undefined ? {} : { author: one.author }),
      parentId: parent?.id ?? null,
      ...(one.isSilent && !isAnswer ? { edited: true as const } : {}),
      ...known,
      ...(marks.length === 0 ? {} : { marks: [...marks] }),
    });
    turns.push(...work.turns);
    calls.push(...work.calls);
    if (!isAnswer && one.isSilent && startsTurn(one.role)) {
      turns.push(turnOf(made, turns.length, { answerId: idOf(idKinds.answer, index), steps: [] }));
    }
  }
  const last = messages[leaf % Math.max(1, messages.length)];
  return { leafId: last?.id ?? null, messages, turns, calls };
}

function statusOf(status: MessageStatus): Partial<MessageFact> {
  return status === 'complete' ? {} : { status };
}

type Made = {
  readonly id: MessageId;
  readonly promptId: MessageId;
  readonly at: number;
  readonly draft: Draft;
};
type Work = {
  readonly parts: readonly MessagePart[];
  readonly turns: readonly ImportedTurn[];
  readonly calls: readonly ImportedCall[];
};

function plainWork({ draft: { parts } }: Made): Work {
  return { parts: parts.filter(({ type }) => type !== 'step'), turns: [], calls: [] };
}

/** The first turn makes the calls, each in a step of its own; the others go on with what it said. */
function answerWork(made: Made, turnsBefore: number, callsBefore: number): Work {
  const { parts, calls, turns } = made.draft;
  const callIds = calls.map((_, index) => idOf<ToolCallId>(idKinds.call, callsBefore + index));
  const said: readonly MessagePart[] = [
    ...parts,
    ...callIds.map((callId) => ({ type: 'tool-call' as const, callId, name: 'look' })),
  ];
  const { length } = textAndMarks(said).content;
  const steps = calls.map(({ signed }, index) => ({
    step: index + 1,
    answerUnits: length,
    finishReason: 'tool-calls' as const,
    usage: { outputTokens: index },
    ...(signed
      ? { continuation: { origin: 'some/model', step: ['s'], calls: { [callIds[index] ?? '']: 'signed' } } }
      : {}),
  }));
  const first = turnOf(made, turnsBefore, { answerId: made.id, steps });
  return {
    parts: said,
    turns: [
      first,
      ...Array.from({ length: turns - 1 }, (_, index) => ({
        ...turnOf(made, turnsBefore + 1 + index, { answerId: made.id, steps: [] }),
        continuesAt: length,
      })),
    ],
    calls: calls.map(({ args, result, failed }, index) => ({
      id: callIds[index] ?? idOf(idKinds.call, 0),
      turnId: first.turnId,
      step: index + 1,
      modelCallId: `call_${index}`,
      name: 'look',
      status: failed ? 'failed' : 'completed',
      agentId: failed ? null : 'agent',
      argumentsJson: args,
      result,
      ...(index === 1
        ? {
            files: [
              {
                type: 'file' as const,
                fileId: idOf<FileId>(idKinds.file, 1),
                name: 'a.png',
                mediaType: 'image/png',
                bytes: 3,
              },
            ],
          }
        : {}),
      ...(failed ? { approval: { decision: 'denied' as const, reason: 'no' } } : {}),
      startedAt: isoTimestamp(made.at),
      endedAt: isoTimestamp(made.at + 5),
    })),
  };
}

function turnOf(
  { promptId, at, draft: { outcome, label } }: Made,
  count: number,
  { answerId, steps }: Pick<ImportedTurn, 'answerId' | 'steps'>,
): ImportedTurn {
  const traceId = idOf<TraceId>(idKinds.trace, count);
  return {
    turnId: idOf<TurnId>(idKinds.turn, count),
    promptId,
    answerId,
    traceId,
    outcome,
    ...(outcome === 'completed' ? {} : { reason: 'because' }),
    ...(label === undefined ? {} : { options: { temperature: 1, systemPrompt: label } }),
    queuedAt: isoTimestamp(at),
    endedAt: isoTimestamp(at + 9),
    steps: [...steps],
    trace: {
      id: traceId,
      sessionId: idOf<SessionId>(idKinds.session, 0),
      name: 'engine.run',
      status: outcome === 'completed' ? 'completed' : 'failed',
      durationMs: 9,
      metadata: { messageId: promptId, responseCount: 1 },
      createdAt: isoTimestamp(at),
      updatedAt: isoTimestamp(at + 9),
    },
  };
}
