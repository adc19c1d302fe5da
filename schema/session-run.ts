/** The work of a session's agent for one message: the run's trace and its tool calls. */
import { z } from 'zod';
import { messageIdSchema } from './ids.ts';
import { toolEventSchema } from './tool-event.ts';
import { traceSchema } from './trace.ts';

/** The data of the call's last event; `startedAt` is the timestamp of its first. */
export const shownToolCallSchema = toolEventSchema
  .extend({ startedAt: z.iso.datetime() })
  .meta({ id: 'ShownToolCall' });

export type ShownToolCall = z.infer<typeof shownToolCallSchema>;

export const sessionRunSchema = z
  .object({
    /** The message that started the run. */
    messageId: messageIdSchema,
    trace: traceSchema,
    /** In the order in which the calls were made. */
    toolCalls: z.array(shownToolCallSchema),
  })
  .meta({ id: 'SessionRun' });

export type SessionRun = z.infer<typeof sessionRunSchema>;
