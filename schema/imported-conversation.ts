/**
 * A whole conversation that a session begins with: a copy of another's, or an import. One event holds all of it, so
 * that it is there as a whole or not at all.
 */
import { z } from 'zod';
import { messageFactSchema } from './chat-message.ts';
import { messageIdSchema, sessionIdSchema, toolCallIdSchema, traceIdSchema, turnIdSchema } from './ids.ts';
import { filePartSchema } from './message-part.ts';
import { modelOptionsSchema } from './model-options.ts';
import { callApprovalSchema } from './tool-decision.ts';
import { traceSchema } from './trace.ts';
import { endedStepSchema, turnOutcomes } from './turn-record.ts';

/** What was done for one answer; it has ended. */
export const importedTurnSchema = z.object({
  turnId: turnIdSchema,
  promptId: messageIdSchema,
  answerId: messageIdSchema,
  traceId: traceIdSchema,
  outcome: z.enum(turnOutcomes),
  reason: z.string().exactOptional(),
  options: modelOptionsSchema.exactOptional(),
  continuesAt: z.int().nonnegative().exactOptional(),
  queuedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  steps: z.array(endedStepSchema),
  trace: traceSchema.exactOptional(),
});
export type ImportedTurn = z.infer<typeof importedTurnSchema>;

export const importedCallSchema = z.object({
  id: toolCallIdSchema,
  turnId: turnIdSchema,
  step: z.int().positive(),
  modelCallId: z.string(),
  name: z.string(),
  status: z.enum(['completed', 'failed']),
  agentId: z.string().nullable(),
  argumentsJson: z.string(),
  result: z.string(),
  files: z.array(filePartSchema).exactOptional(),
  approval: callApprovalSchema.exactOptional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
});
export type ImportedCall = z.infer<typeof importedCallSchema>;

export const importedConversationSchema = z.object({
  leafId: messageIdSchema.nullable(),
  /** In order of creation; a parent comes before what is below it. */
  messages: z.array(messageFactSchema),
  turns: z.array(importedTurnSchema),
  calls: z.array(importedCallSchema),
});
export type ImportedConversation = z.infer<typeof importedConversationSchema>;

/** Data of `session.imported`. */
export const sessionImportedSchema = importedConversationSchema.extend({ sessionId: sessionIdSchema });
