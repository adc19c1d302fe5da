/** What a session's agent did for one message: the run's trace and the tools that it called. */
import { z } from 'zod';
import { messageIdSchema } from './ids.ts';
import { toolEventSchema } from './tool-event.ts';
import { traceSchema } from './trace.ts';

/** As the last event of the call has it; `startedAt` is the timestamp of its first. */
export const shownToolCallSchema = toolEventSchema
  .extend({ startedAt: z.iso.datetime() })
  .meta({ id: 'ShownToolCall' });

export type ShownToolCall = z.infer<typeof shownToolCallSchema>;

export const sessionRunSchema = z
  .object({
    /** The message that started it. */
    messageId: messageIdSchema,
    trace: traceSchema,
    /** In the order in which they were made. */
    toolCalls: z.array(shownToolCallSchema),
  })
  .meta({ id: 'SessionRun' });

export type SessionRun = z.infer<typeof sessionRunSchema>;
