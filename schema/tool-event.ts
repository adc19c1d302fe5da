/** Data of `tool.call` and `tool.result`, with previews instead of whole values (protocol A3; I5, I9). */
import { z } from 'zod';
import { type SessionId, sessionIdSchema, type ToolCallId, toolCallIdSchema } from './ids.ts';
import { preview } from './preview.ts';
import { isoTimestamp, type Milliseconds } from './timestamp.ts';

export const toolEventStatuses = ['running', 'completed', 'failed'] as const;

export const toolEventSchema = z
  .object({
    sessionId: sessionIdSchema,
    id: toolCallIdSchema,
    name: z.string(),
    status: z.enum(toolEventStatuses),
    arguments: z.string().nullable(),
    result: z.string().nullable(),
    timestamp: z.iso.datetime(),
    agentId: z.string().nullable(),
  })
  .meta({ id: 'ToolEvent' });

export type ToolEvent = z.infer<typeof toolEventSchema>;

export function toolEvent(call: {
  readonly sessionId: SessionId;
  readonly id: ToolCallId;
  readonly name: string;
  readonly status: ToolEvent['status'];
  readonly arguments: unknown;
  readonly result: unknown;
  readonly at: Milliseconds;
  readonly agentId: unknown;
}): ToolEvent {
  return {
    sessionId: call.sessionId,
    id: call.id,
    name: call.name,
    status: call.status,
    arguments: preview(call.arguments),
    result: preview(call.result),
    timestamp: isoTimestamp(call.at),
    agentId: agentIdOf(call.agentId),
  };
}

/** Trimmed; empty or not a string becomes `null` (protocol A3). */
export function agentIdOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
