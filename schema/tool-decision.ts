/** Decisions about tool calls that need a person's approval: the requests, and the answers. */
import { z } from 'zod';
import { sessionIdSchema, toolCallIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { boundedText } from './validation.ts';

export const decisions = ['approved', 'denied'] as const;
const reason = boundedText({ charactersMax: limits.decisionReasonCharactersMax });

/** The decision about a call; `approval` of a tool event and of a stored call. */
export const callApprovalSchema = z
  .object({ decision: z.enum(decisions), reason: z.string().exactOptional() })
  .meta({ id: 'CallApproval' });
export type CallApproval = z.output<typeof callApprovalSchema>;

/** Answer of `tool.approve` and `tool.deny`, the same for every repetition. */
export const toolDecisionSchema = callApprovalSchema
  .extend({ sessionId: sessionIdSchema, callId: toolCallIdSchema })
  .meta({ id: 'ToolDecision' });
export type ToolDecision = z.output<typeof toolDecisionSchema>;

/** Body of `POST /chat-sessions/:id/tool-calls/:callId/approve` and `…/deny`. */
export const decideToolCallSchema = z
  .object({ reason: reason.nullish().transform((value) => value ?? undefined) })
  .meta({ id: 'DecideToolCall' });

/** Data of `tool.approve` and `tool.deny`. */
export const decideToolCallFrameSchema = decideToolCallSchema
  .extend({ sessionId: sessionIdSchema, callId: toolCallIdSchema })
  .meta({ id: 'DecideToolCallFrame' });
