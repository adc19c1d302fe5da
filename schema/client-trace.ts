/** What clients send to make and end traces of their own (SPEC TRC). */
import { z } from 'zod';
import type { SessionOwner } from './authorization.ts';
import type { Idempotency } from './commands.ts';
import { type CommandId, type SessionId, sessionIdSchema, traceIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import type { Milliseconds } from './timestamp.ts';
import type { TraceMetadata } from './trace.ts';
import { attributesSchema, type TraceSpan } from './trace-span.ts';
import { boundedText } from './validation.ts';

/** Body of `POST /traces`. */
export const createTraceSchema = z
  .object({
    /** Made by the client, so that a repetition is recognised; absent: the server makes one. */
    id: traceIdSchema.optional(),
    name: boundedText({ charactersMin: 1, charactersMax: limits.traceNameCharactersMax }),
    sessionId: sessionIdSchema.optional(),
    metadata: attributesSchema.optional(),
  })
  .meta({ id: 'CreateTrace' });
export type CreateTrace = z.infer<typeof createTraceSchema>;

/** Body of `POST /traces/:id/finalise`. */
export const finaliseTraceSchema = z
  .object({
    /** Default `completed`. */
    status: z.enum(['completed', 'failed']).optional(),
    /** Why it failed; of a failed trace alone. */
    error: boundedText({ charactersMin: 1, charactersMax: limits.attributeCharactersMax }).optional(),
  })
  .check(({ value, issues }) => {
    if (value.error === undefined || value.status === 'failed') return;
    issues.push({ code: 'custom', input: value, path: ['error'], params: { constraint: 'isOfFailure' } });
  })
  .meta({ id: 'FinaliseTrace' });
export type FinaliseTrace = z.infer<typeof finaliseTraceSchema>;

type Stamped = {
  readonly commandId: CommandId;
  readonly at: Milliseconds;
  readonly idempotency?: Idempotency | undefined;
};

/** A command to a trace of a client, as its actor receives it. */
export type TraceCommand =
  | (Stamped & {
      readonly type: 'trace.create';
      readonly name: string;
      readonly sessionId: SessionId | null;
      readonly metadata: TraceMetadata;
      /** Whose it is when it has no session, or outlives it; absent: nobody's. */
      readonly owner?: SessionOwner | undefined;
    })
  | (Stamped & {
      readonly type: 'trace.append';
      readonly spans: readonly TraceSpan[];
      /** Those of the same ids that are stored. */
      readonly stored: readonly TraceSpan[];
    })
  | (Stamped & {
      readonly type: 'trace.finalise';
      readonly status: 'completed' | 'failed';
      readonly error: string | null;
    });
