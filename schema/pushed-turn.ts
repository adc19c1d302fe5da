/**
 * Turns whose parts an agent pushes from outside (docs/agents.md): the bodies of its commands, and what it is told.
 *
 * An agent numbers its parts from 1, without a gap. A part that it repeats has no second effect.
 */
import { z } from 'zod';
import { fileIdSchema, messageIdSchema, sessionIdSchema, toolCallIdSchema, turnIdSchema } from './ids.ts';
import { isJsonValue } from './json-value.ts';
import { limits } from './limits.ts';
import { modelOptionsSchema } from './model-options.ts';
import { finishReasons, modelUsageSchema } from './model-usage.ts';
import { pushedTurnLimits as bounds } from './pushed-turn-limits.ts';
import { callApprovalSchema } from './tool-decision.ts';
import { agentNameSchema } from './turn-offer.ts';
import { turnIdentitySchema, turnStatuses } from './turn-record.ts';
import { boundedText } from './validation.ts';

/** Sequence number of a part. */
const seq = z.int().positive();

const callId = boundedText({ charactersMin: 1, charactersMax: limits.toolLabelUnitsMax }).describe(
  "The agent's own id of the call; unique within the turn.",
);

/** A text stays as it is; any other JSON becomes its text. */
function jsonText(unitsMax: number) {
  return z.unknown().transform((value, { issues }): string => {
    if (
      value === undefined ||
      (typeof value !== 'string' && !isJsonValue(value, limits.toolArgumentsDepthMax))
    ) {
      issues.push({ code: 'custom', input: value, params: { constraint: 'isShallowJson' } });
      return z.NEVER;
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text.length <= unitsMax) return text;
    issues.push({ code: 'too_big', origin: 'string', maximum: unitsMax, input: value });
    return z.NEVER;
  });
}

export const pushedPartSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('text'), seq, text: z.string() }),
    z.object({ type: z.literal('reasoning'), seq, text: z.string() }),
    z.object({
      type: z.literal('tool-call'),
      seq,
      callId,
      name: boundedText({ charactersMin: 1, charactersMax: limits.toolLabelUnitsMax }),
      arguments: jsonText(limits.toolArgumentsUnitsMax).describe('A JSON value, or the text of one.'),
      needsApproval: z
        .boolean()
        .default(false)
        .describe('A person must approve the call; the agent waits for that.'),
      approvalTimeoutMs: z.int().positive().max(limits.approvalTimeoutMsMax).exactOptional(),
    }),
    z.object({
      type: z.literal('tool-result'),
      seq,
      callId,
      result: jsonText(limits.toolResultUnitsMax).describe('A text, or any JSON value.'),
      failed: z.boolean().default(false),
    }),
  ])
  .meta({ id: 'PushedPart' });
export type PushedPart = z.output<typeof pushedPartSchema>;

export const startTurnSchema = z
  .object({
    agent: agentNameSchema.describe('What people are shown as the name of the agent.'),
    leaseMs: z
      .int()
      .min(bounds.leaseMsMin)
      .max(bounds.leaseMsMax)
      .optional()
      .describe('How long the agent may be silent before its turn ends as interrupted, ms.'),
  })
  .meta({ id: 'StartTurn' });
export type StartTurn = z.output<typeof startTurnSchema>;

const lease = z.string().min(1).max(256).describe('The lease that `turn.start` answered with.');

export const pushPartsSchema = z
  .object({ lease, parts: z.array(pushedPartSchema).max(bounds.pushPartsMax) })
  .meta({ id: 'PushParts' });
export type PushParts = z.output<typeof pushPartsSchema>;

const lastSeq = seq
  .or(z.literal(0))
  .optional()
  .describe('The number of the last part; refused when the server has not received all up to it.');

export const finishTurnSchema = z
  .object({
    lease,
    seq: lastSeq,
    finishReason: z.enum(finishReasons).optional(),
    usage: modelUsageSchema.optional(),
    model: boundedText({ charactersMin: 1, charactersMax: limits.modelNameCharactersMax }).optional(),
  })
  .meta({ id: 'FinishTurn' });
export type FinishTurn = z.output<typeof finishTurnSchema>;

export const failTurnSchema = z
  .object({
    lease,
    seq: lastSeq,
    error: boundedText({ charactersMin: 1, charactersMax: limits.failureReasonUnitsMax }),
  })
  .meta({ id: 'FailTurn' });
export type FailTurn = z.output<typeof failTurnSchema>;

/** What became of a call that a person was to approve; `expired`: nobody has decided in time, or before the end of the turn. */
export const pushedCallDecisionSchema = z
  .object({
    callId: z.string(),
    decision: z.enum(['pending', 'expired', ...callApprovalSchema.shape.decision.options]),
    reason: z.string().exactOptional(),
  })
  .meta({ id: 'PushedCallDecision' });
export type PushedCallDecision = z.infer<typeof pushedCallDecisionSchema>;

/** How far a turn is, for the agent that pushes it. */
export const turnProgressSchema = z
  .object({
    turnId: turnIdSchema,
    status: z.enum(turnStatuses),
    received: z.int().nonnegative().describe('The greatest sequence number that was received.'),
    durable: z
      .int()
      .nonnegative()
      .describe('The greatest that a crash cannot take back: the agent keeps what lies above it.'),
    decisions: z.array(pushedCallDecisionSchema).exactOptional().describe('The calls that need a person.'),
    steered: z
      .literal(true)
      .exactOptional()
      .describe('A message waits to be heard before the agent goes on.'),
  })
  .meta({ id: 'TurnProgress' });
export type TurnProgress = z.infer<typeof turnProgressSchema>;

export const startedTurnSchema = turnIdentitySchema
  .extend({
    agent: z.string(),
    lease: z.string().describe('Goes with each push. Whoever has it can speak for the agent.'),
    leaseMs: z.int(),
    received: z.int(),
    durable: z.int(),
  })
  .meta({ id: 'StartedTurn' });
export type StartedTurn = z.infer<typeof startedTurnSchema>;

export const claimTurnSchema = startTurnSchema.meta({ id: 'ClaimTurn' });
export type ClaimTurn = z.output<typeof claimTurnSchema>;

const attachment = z.object({
  fileId: fileIdSchema,
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  offset: z.int().describe('Where it stands in the content, UTF-16 units.'),
});

/** What a model would be given, in its order; an agent reads the bytes of files with `GET /files/:id`. */
export const contextMessageSchema = z
  .discriminatedUnion('role', [
    z.object({ role: z.literal('system'), content: z.string() }),
    z.object({
      role: z.literal('user'),
      content: z.string(),
      attachments: z.array(attachment).exactOptional(),
    }),
    z.object({
      role: z.literal('assistant'),
      content: z.string(),
      toolCalls: z.array(z.object({ callId: toolCallIdSchema, name: z.string(), argumentsJson: z.string() })),
    }),
    z.object({
      role: z.literal('tool'),
      callId: toolCallIdSchema,
      name: z.string(),
      content: z.string(),
      failed: z.boolean(),
      attachments: z.array(attachment).exactOptional(),
    }),
  ])
  .meta({ id: 'ContextMessage' });
export type ContextMessage = z.output<typeof contextMessageSchema>;

export const claimedTurnSchema = startedTurnSchema
  .extend({
    /** Those of the message over the session's, over the server's. */
    options: modelOptionsSchema,
    context: z.array(contextMessageSchema).describe('The conversation up to the question, as models get it.'),
  })
  .meta({ id: 'ClaimedTurn' });
export type ClaimedTurn = z.output<typeof claimedTurnSchema>;

/** A turn of any engine. */
export const turnStateSchema = z
  .object({
    turnId: turnIdSchema,
    sessionId: sessionIdSchema,
    promptId: messageIdSchema.describe('The message that it answers; its own `answerId`: none.'),
    answerId: messageIdSchema,
    status: z.enum(turnStatuses),
    reason: z.string().exactOptional(),
    step: z.int().nonnegative(),
    queuedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().exactOptional(),
    agent: z.string().exactOptional().describe('Present when an agent pushes it from outside.'),
    leaseMs: z.int().exactOptional(),
    leaseExpiresAt: z.iso.datetime().exactOptional(),
    received: z.int().nonnegative().exactOptional(),
    durable: z.int().nonnegative().exactOptional(),
    decisions: z.array(pushedCallDecisionSchema).exactOptional(),
  })
  .meta({ id: 'TurnState' });
export type TurnState = z.infer<typeof turnStateSchema>;
