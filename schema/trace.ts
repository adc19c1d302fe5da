/** A trace: one run of something, its status and how long it took (docs/protocol.md A2, A3; I6). */
import { z } from 'zod';
import { sessionIdSchema, traceIdSchema } from './ids.ts';

export const traceStatuses = ['pending', 'running', 'completed', 'failed'] as const;
export type TraceStatus = (typeof traceStatuses)[number];

export const traceSchema = z
  .object({
    id: traceIdSchema,
    sessionId: sessionIdSchema.exactOptional(),
    name: z.string(),
    status: z.enum(traceStatuses),
    durationMs: z.number().int().nonnegative().exactOptional(),
    metadata: z.record(z.string(), z.json()).exactOptional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Trace' });

export type Trace = z.infer<typeof traceSchema>;
export type TraceMetadata = NonNullable<Trace['metadata']>;
