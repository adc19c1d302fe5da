/** An entry of the log ring (docs/protocol.md A2, A3). */
import { z } from 'zod';
import { logEntryIdSchema } from './ids.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logEntrySchema = z
  .object({
    id: logEntryIdSchema,
    level: z.enum(logLevels),
    message: z.string(),
    context: z.record(z.string(), z.json()).exactOptional(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'LogEntry' });

export type LogEntry = z.infer<typeof logEntrySchema>;
