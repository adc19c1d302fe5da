/** A model's reasoning before or between its answers (docs/protocol.md A3). */
import { z } from 'zod';
import { messageIdSchema, sessionIdSchema } from './ids.ts';

const reasoning = {
  sessionId: sessionIdSchema,
  messageId: messageIdSchema,
  text: z.string(),
  metadata: z.record(z.string(), z.json()).exactOptional(),
  timestamp: z.iso.datetime(),
  agentId: z.string().nullable(),
};

/** Data of `message.reasoning.partial`; `text` is everything so far. */
export const reasoningPartialSchema = z.object(reasoning).meta({ id: 'ReasoningPartial' });

/**
 * Data of `message.reasoning.completed`. `responseId` is the turn that reasoned, and `metadata.promptId` the message that
 * it answers; only events from before Callboard told them have neither.
 */
export const reasoningCompletedSchema = z
  .object({ ...reasoning, responseId: z.string().exactOptional() })
  .meta({ id: 'ReasoningCompleted' });

export type ReasoningPartial = z.infer<typeof reasoningPartialSchema>;
export type ReasoningCompleted = z.infer<typeof reasoningCompletedSchema>;
