/**
 * A conversation as one JSON document, to be kept, read elsewhere and imported again: the session, its messages as
 * clients know them, and all that was done for its answers. The text of a message is in its `parts` alone.
 */
import { z } from 'zod';
import { type ChatMessage, type MessageFact, messageRoles, messageStatuses } from './chat-message.ts';
import type { ChatSession, CreateChatSession } from './chat-session.ts';
import {
  messageIdSchema,
  sessionIdSchema,
  toolCallIdSchema,
  traceIdSchema,
  turnIdSchema,
  uuidSchema,
} from './ids.ts';
import type { ImportedCall, ImportedTurn } from './imported-conversation.ts';
import { isJsonValue } from './json-value.ts';
import { limits } from './limits.ts';
import { messageAuthorSchema } from './message-author.ts';
import { filePartSchema, partsOf, textAndMarks } from './message-part.ts';
import { modelOptionsSchema } from './model-options.ts';
import { finishReasons, modelUsageSchema } from './model-usage.ts';
import { type Participant, toldParticipantSchema } from './participant.ts';
import { isoTimestamp, millisecondsOf } from './timestamp.ts';
import { decisions } from './tool-decision.ts';
import { type EndedStep, turnOutcomes } from './turn-record.ts';
import { assert } from './unreachable.ts';
import { boundedText } from './validation.ts';

assert(
  limits.importBytesLegalMax < limits.journalQueueBytesMax,
  'the largest import fits into the queue of the journal',
);
assert(
  (limits.answerUnitsMax + limits.reasoningUnitsMax) * 6 < limits.importItemUnitsMax &&
    limits.toolResultUnitsMax * 6 < limits.importItemUnitsMax,
  'the longest answer, and the longest result, every unit escaped, can be imported again',
);

export const transcriptVersion = 1;

/** What a transcript tells of: the path to the session's leaf, or all versions and branches. */
export const transcriptBranches = ['current', 'all'] as const;
export type TranscriptBranch = (typeof transcriptBranches)[number];

export const transcriptFormNames = ['json', 'markdown', 'text'] as const;
export type TranscriptForm = (typeof transcriptFormNames)[number];

const text = (charactersMax: number, charactersMin = 0) => boundedText({ charactersMin, charactersMax });
const label = text(limits.labelCharactersMax);
/** A cut text has a `…` more. */
const cut = (unitsMax: number) => text(unitsMax + 1);
const time = z.iso.datetime().overwrite((given) => {
  const at = millisecondsOf(given);
  return Number.isNaN(at) ? given : isoTimestamp(at);
});

/** A schema for each key, so that the compiler says when something new would be lost. */
type ToldKeys<Whole> = { readonly [Key in keyof Whole]-?: z.ZodType };

/** Any JSON, not too deep: whatever reads it later may call itself for each level. */
const json = (depthMax: number) =>
  z
    .unknown()
    .check(({ value, issues }) => {
      if (isJsonValue(value, depthMax)) return;
      issues.push({ code: 'custom', input: value, params: { constraint: 'isShallowJson' } });
    })
    .pipe(z.json());
const deepJson = json(limits.importDepthMax);

const file = filePartSchema.extend({ name: label, mediaType: label });

/** The parts of a message, with the bounds of an import; else they are those of `messagePartSchema`. */
const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: text(limits.answerUnitsMax) }),
  z.object({
    type: z.literal('reasoning'),
    text: text(limits.reasoningUnitsMax),
    cut: z.literal(true).exactOptional(),
  }),
  z.object({ type: z.literal('tool-call'), callId: toolCallIdSchema, name: cut(limits.toolLabelUnitsMax) }),
  file,
  z.object({
    type: z.literal('source'),
    url: text(limits.urlCharactersMax),
    title: label.exactOptional(),
  }),
  z.object({ type: z.literal('data'), name: label, data: json(limits.partDataDepthMax) }),
  z.object({ type: z.literal('step'), step: z.int().positive() }),
]);

export const transcriptMessageSchema = z
  .object({
    id: messageIdSchema,
    role: z.enum(messageRoles),
    createdAt: time,
    toolCallId: label.exactOptional(),
    name: label.exactOptional(),
    author: messageAuthorSchema.extend({ name: label.exactOptional() }).exactOptional(),
    /** The message before it; `null`: it begins a conversation. */
    parentId: messageIdSchema.nullable(),
    edited: z.literal(true).exactOptional(),
    promptId: messageIdSchema.exactOptional(),
    finishReason: z.enum(finishReasons).exactOptional(),
    model: cut(limits.toolLabelUnitsMax).exactOptional(),
    usage: modelUsageSchema.exactOptional(),
    status: z.enum(messageStatuses),
    parts: z.array(part).max(limits.importPartsMax),
  } satisfies ToldKeys<Omit<ChatMessage, 'sessionId' | 'content' | 'queueRank'>>)
  .meta({ id: 'TranscriptMessage' });
export type TranscriptMessage = z.output<typeof transcriptMessageSchema>;

const step = z.object({
  step: z.int().positive(),
  answerUnits: z.int().nonnegative(),
  finishReason: z.enum(finishReasons),
  usage: modelUsageSchema,
  model: cut(limits.toolLabelUnitsMax).exactOptional(),
  /** What the provider wants back; without it, some models cannot be told of their own calls. */
  continuation: z
    .object({
      origin: text(limits.importOriginUnitsMax),
      step: deepJson.exactOptional(),
      calls: z.record(uuidSchema, deepJson).exactOptional(),
      dropped: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  reasoning: z.object({ text: text(limits.importItemUnitsMax), open: z.boolean() }).exactOptional(),
} satisfies ToldKeys<EndedStep>);

const trace = z.object({
  id: traceIdSchema,
  name: label,
  status: z.enum(['completed', 'failed']),
  durationMs: z.int().nonnegative().exactOptional(),
  metadata: z.record(z.string(), deepJson).exactOptional(),
  createdAt: time,
  updatedAt: time,
});

/** All that was done for one answer. It has ended. */
export const transcriptTurnSchema = z
  .object({
    turnId: turnIdSchema,
    promptId: messageIdSchema,
    /** The message with the answer; there is none if nothing was said. */
    answerId: messageIdSchema,
    traceId: traceIdSchema,
    outcome: z.enum(turnOutcomes),
    reason: cut(limits.failureReasonUnitsMax).exactOptional(),
    options: modelOptionsSchema.exactOptional(),
    /** Present when it went on with an answer that had this much text already, UTF-16 units. */
    continuesAt: z.int().nonnegative().exactOptional(),
    queuedAt: time,
    endedAt: time,
    steps: z.array(step).max(limits.importPartsMax),
    trace: trace.exactOptional(),
  } satisfies ToldKeys<ImportedTurn>)
  .meta({ id: 'TranscriptTurn' });
export type TranscriptTurn = z.output<typeof transcriptTurnSchema>;

/** A tool call with its whole arguments and result. */
export const transcriptCallSchema = z
  .object({
    id: toolCallIdSchema,
    turnId: turnIdSchema,
    step: z.int().positive(),
    modelCallId: cut(limits.toolLabelUnitsMax),
    name: cut(limits.toolLabelUnitsMax),
    status: z.enum(['completed', 'failed']),
    agentId: label.nullable(),
    argumentsJson: text(limits.toolArgumentsUnitsMax),
    result: cut(limits.toolResultUnitsMax),
    files: z.array(file).max(limits.importPartsMax).exactOptional(),
    approval: z
      .object({
        decision: z.enum(decisions),
        reason: text(limits.decisionReasonCharactersMax).exactOptional(),
      })
      .exactOptional(),
    startedAt: time,
    endedAt: time,
  } satisfies ToldKeys<ImportedCall>)
  .meta({ id: 'TranscriptCall' });
export type TranscriptCall = z.output<typeof transcriptCallSchema>;

/** What stands before the lists. */
export const transcriptHeadSchema = z.object({
  callboard: z.literal('transcript'),
  version: z.literal(transcriptVersion),
  session: z.object({
    title: text(limits.titleCharactersMax, 1),
    description: text(limits.descriptionCharactersMax).exactOptional(),
    options: modelOptionsSchema.exactOptional(),
    createdAt: time,
    updatedAt: time,
  }),
  /** Who takes part, in the order in which they were added; absent: nobody is told. */
  participants: z.array(toldParticipantSchema).max(limits.participantsMax).exactOptional(),
  /** The last message of the current branch; `null`: there is none. */
  leafId: messageIdSchema.nullable(),
});
export type TranscriptHead = z.output<typeof transcriptHeadSchema>;

export const transcriptSchema = transcriptHeadSchema
  .extend({
    /** In order of creation; a parent comes before what is below it. */
    messages: z.array(transcriptMessageSchema),
    turns: z.array(transcriptTurnSchema),
    calls: z.array(transcriptCallSchema),
  })
  .meta({ id: 'Transcript' });
export type Transcript = z.output<typeof transcriptSchema>;

export function transcriptHead(
  { title, description, options, createdAt, updatedAt }: ChatSession,
  leafId: TranscriptHead['leafId'],
  participants: readonly Participant[],
): TranscriptHead {
  return {
    callboard: 'transcript',
    version: transcriptVersion,
    session: {
      title,
      ...(description === undefined ? {} : { description }),
      ...(options === undefined ? {} : { options }),
      createdAt,
      updatedAt,
    },
    ...(participants.length === 0 ? {} : { participants: participants.map(toldParticipant) }),
    leafId,
  };
}

function toldParticipant({ id, name, role }: Participant) {
  return { id, ...(name === undefined ? {} : { name }), role };
}

export function transcriptMessage(fact: MessageFact): TranscriptMessage {
  const {
    sessionId: _,
    queueRank: __,
    content,
    marks = [],
    status = 'complete',
    parentId = null,
    ...rest
  } = fact;
  return { ...rest, parentId, status, parts: [...partsOf(content, marks)] };
}

/** Of the turn's run, only what has ended is told. */
export function transcriptTurn({ trace: run, ...turn }: ImportedTurn): TranscriptTurn {
  if (run === undefined) return turn;
  const { sessionId: _, status, ...told } = run;
  return status === 'completed' || status === 'failed' ? { ...turn, trace: { ...told, status } } : turn;
}

/** Whoever stores it gives it a session, and new ids. An answer that was streaming will never end. */
export function importedMessage({ parts, status, ...rest }: TranscriptMessage): MessageFact {
  const { content, marks } = textAndMarks(parts);
  return {
    ...rest,
    sessionId: unnamedSession,
    content,
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
    ...(status === 'complete' ? {} : { status: status === 'streaming' ? 'interrupted' : status }),
  };
}

const unnamedSession = sessionIdSchema.parse('00000000-0000-0000-0000-000000000000');

export function importedSession({
  title,
  description,
  options,
}: TranscriptHead['session']): CreateChatSession {
  return { title, description, options };
}
