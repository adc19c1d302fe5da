/** A trace: one run of something, its status and how long it took (docs/protocol.md A2, A3; I6). */
import { z } from 'zod';
import { sessionIdSchema, traceIdSchema } from './ids.ts';

export const traceStatuses = ['pending', 'running', 'completed', 'failed'] as const;
export type TraceStatus = (typeof traceStatuses)[number];

/** Who made it, if not a run of the server itself. */
export const traceOriginSchema = z.literal('client');

/** As baseline sockets get it. */
export const baselineTraceSchema = z
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
  .meta({ id: 'BaselineTrace' });

export const traceSchema = z
  .object({
    ...baselineTraceSchema.shape,
    /** Present when a client made the trace: then clients may append to it. */
    origin: traceOriginSchema.exactOptional(),
  })
  .meta({ id: 'Trace' });

export type Trace = z.infer<typeof traceSchema>;
export type TraceMetadata = NonNullable<Trace['metadata']>;

export function baselineTrace({ origin: _, ...trace }: Trace): z.infer<typeof baselineTraceSchema> {
  return trace;
}

/** Data of `trace.purged`. */
export const purgedTracesSchema = z.object({ ids: z.array(traceIdSchema) }).meta({ id: 'PurgedTraces' });
