/**
 * Facts about turns that the journal keeps so that a turn can be restored after a crash (I11). They are never sent to
 * baseline clients.
 */
import { z } from 'zod';
import { continuationSchema } from './continuation.ts';
import { type MessageId, messageIdSchema, sessionIdSchema, traceIdSchema, turnIdSchema } from './ids.ts';
import { messageAuthorSchema } from './message-author.ts';
import { filePartSchema, messageMarkSchema } from './message-part.ts';
import { modelOptionsSchema } from './model-options.ts';
import { finishReasons, modelUsageSchema } from './model-usage.ts';
import { scopeSchema } from './principal.ts';
import { chargedToSchema, spentTokensSchema } from './token-spending.ts';
import type { TurnClaimed } from './turn-offer.ts';

/** How a turn can end. `interrupted`: the process died, or stopped before the turn had ended. */
export const turnOutcomes = ['completed', 'failed', 'cancelled', 'interrupted'] as const;
export type TurnOutcome = (typeof turnOutcomes)[number];

export const turnStatuses = ['queued', 'running', ...turnOutcomes] as const;
export type TurnStatus = (typeof turnStatuses)[number];

/** All ids of a turn; fixed when its message is accepted. */
export const turnIdentitySchema = z
  .object({
    turnId: turnIdSchema,
    sessionId: sessionIdSchema,
    /** The message to answer. */
    promptId: messageIdSchema,
    /** The assistant message that will hold the answer. */
    answerId: messageIdSchema,
    traceId: traceIdSchema,
  })
  .meta({ id: 'TurnIdentity' });
export type TurnIdentity = z.infer<typeof turnIdentitySchema>;

/** A turn that an agent pushes from outside may answer no message: then its `promptId` is that of its own answer. */
export function answersNothing({ promptId, answerId }: Pick<TurnIdentity, 'promptId' | 'answerId'>): boolean {
  return promptId === answerId;
}

/** What is kept of a turn that an agent pushes from outside, beside its identity. */
export const pushedTurnSchema = z.object({
  /** The name of the agent. */
  agent: z.string(),
  /** How long it may be silent, ms. */
  leaseMs: z.int().positive(),
  /** The message before its answer; `null`: the answer begins the conversation. */
  parentId: messageIdSchema.nullable(),
  /** Who pushes it, so who says what the answer says; absent: it is not known. */
  author: messageAuthorSchema.exactOptional(),
});
export type PushedTurn = z.infer<typeof pushedTurnSchema>;

/** The messages at which a turn stands: its question, and what a pushed answer has above it. */
export function placesOf({
  promptId,
  pushed,
}: {
  readonly promptId: MessageId;
  readonly pushed?: PushedTurn | undefined;
}): readonly MessageId[] {
  const parentId = pushed?.parentId ?? null;
  return parentId === null ? [promptId] : [promptId, parentId];
}

/** What a turn's row keeps of the claim of an outside agent. */
export function pushedOf({ claimedBy, leaseMs, promptId, author }: TurnClaimed): PushedTurn {
  return { agent: claimedBy, leaseMs, parentId: promptId, ...(author === undefined ? {} : { author }) };
}

/** Data of `turn.queued`: a turn waits, or waits at another place. */
export const turnQueuedSchema = turnIdentitySchema.extend({
  timestamp: z.iso.datetime(),
  /** Options of the turn's model calls: the message's over the session's, as they were then. */
  options: modelOptionsSchema.exactOptional(),
  /** What whoever sent its question was allowed then; absent: everything. It decides about the turn's tools. */
  scopes: z.array(scopeSchema).exactOptional(),
  /** Its place among what waits; the least is next. Absent in events from before there were ranks. */
  rank: z.int().exactOptional(),
  /** Present when it goes on with an answer that has this much text already, UTF-16 units. */
  continuesAt: z.int().nonnegative().exactOptional(),
  /** Present when the running turn ends before its next model call, to let this one begin. */
  steers: z.literal(true).exactOptional(),
  /** Present when an agent pushes it from outside. */
  pushed: pushedTurnSchema.exactOptional(),
  /** Who pays for its tokens; absent: nobody. */
  chargedTo: chargedToSchema.exactOptional(),
});

/** Data of `turn.started`. */
export const turnStartedSchema = z.object({
  turnId: turnIdSchema,
  sessionId: sessionIdSchema,
  timestamp: z.iso.datetime(),
});

/** Data of `turn.step.started`: a model call is about to be made; `step` counts from 1. */
export const turnStepStartedSchema = turnStartedSchema.extend({
  step: z.number().int().positive(),
  /** Present from the second attempt on. */
  attempt: z.number().int().positive().exactOptional(),
});

/**
 * Data of `turn.received`: of a turn that an agent pushes, all parts up to this sequence number are stored. It is written
 * in one transaction with what it says is stored.
 */
export const turnReceivedSchema = turnStartedSchema.extend({ received: z.int().nonnegative() });

/** What is left of a model call that asked for tools, or that its engine wants something back with. */
export const endedStepSchema = z.object({
  step: z.number().int().positive(),
  /** Length of what the turn has put into the answer so far, UTF-16 units: the text of this step ends there. */
  answerUnits: z.number().int().nonnegative(),
  finishReason: z.enum(finishReasons),
  usage: modelUsageSchema,
  /** The model that answered, as the provider names it. */
  model: z.string().exactOptional(),
  /** What the engine wants back with this step. */
  continuation: continuationSchema.exactOptional(),
  /** All reasoning so far, and whether it is still open; stored when the turn must wait for a person. */
  reasoning: z.object({ text: z.string(), open: z.boolean() }).exactOptional(),
});
export type EndedStep = z.infer<typeof endedStepSchema>;

/** Data of `turn.step.ended`. */
export const turnStepEndedSchema = turnStartedSchema.extend(endedStepSchema.shape);

/** Data of `turn.ended`. */
export const turnEndedSchema = turnStartedSchema.extend({
  outcome: z.enum(turnOutcomes),
  reason: z.string().exactOptional(),
  /** What it has cost, and whom; absent: nothing that is known, or nobody. */
  spent: spentTokensSchema.exactOptional(),
});

/** Data of `message.checkpoint`: the answer's text since the last checkpoint; offset in UTF-16 units. */
export const messageCheckpointSchema = z.object({
  sessionId: sessionIdSchema,
  messageId: messageIdSchema,
  offset: z.number().int().nonnegative(),
  text: z.string(),
  /** Marks since the last checkpoint. */
  marks: z.array(messageMarkSchema).exactOptional(),
});
export type MessageCheckpoint = z.infer<typeof messageCheckpointSchema>;

/** A tool call with its whole arguments and result, as the store keeps it; frames carry previews. */
export const toolCallRecordSchema = z.object({
  turnId: turnIdSchema,
  /** The id that the model gave the call; unique within one model call only. */
  modelCallId: z.string(),
  /**
   * JSON text as the model wrote it. The journal keeps it with the first event of a call; later ones take it from there
   * when they are read, and have an empty text where that event is gone.
   */
  argumentsJson: z.string(),
  /** The model call that requested it; absent in records from before this was stored. */
  step: z.number().int().positive().exactOptional(),
  /** Whether a person must approve it before it runs. */
  needsApproval: z.boolean().exactOptional(),
  /** When the call fails if nobody has decided; absent: never. */
  approvalDeadline: z.number().int().exactOptional(),
  /** The whole result or error, up to `toolResultUnitsMax`; absent while the tool runs. */
  result: z.string().exactOptional(),
  /** What the tool returned beside its result … */
  files: z.array(filePartSchema).exactOptional(),
  /** … and the message that they are parts of. */
  answerId: messageIdSchema.exactOptional(),
});
export type ToolCallRecord = z.infer<typeof toolCallRecordSchema>;

/** Answer of `turn.cancel`: the messages whose turns it cancelled; empty when there was nothing to cancel. */
export const cancelledTurnsSchema = z
  .object({ sessionId: sessionIdSchema, cancelled: z.array(messageIdSchema) })
  .meta({ id: 'CancelledTurns' });
export type CancelledTurns = z.infer<typeof cancelledTurnsSchema>;

/** Data of `command.completed`: the stored result of a command that its client named (I10). */
export const completedCommandSchema = z.object({
  key: z.string(),
  fingerprint: z.string(),
  result: z.json(),
});
export type CompletedCommand = z.infer<typeof completedCommandSchema>;
