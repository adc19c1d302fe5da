/** Error bodies of REST, in the exact shape and key order of the baseline (docs/protocol.md A2). */
import { z } from 'zod';
import { isLimitKind, limitKinds } from '../limit-kind.ts';
import { turnProgressSchema } from '../pushed-turn.ts';
import { type Refusal, refusalTable } from '../refusal.ts';
import type { ValidationError } from '../validation.ts';

export const errorBodySchema = z
  .object({
    statusCode: z.number().int(),
    timestamp: z.iso.datetime(),
    path: z.string(),
    message: z.string(),
    details: z.union([
      z.object({ error: z.string(), statusCode: z.number().int() }),
      z.object({
        errors: z.array(z.object({ property: z.string(), constraints: z.record(z.string(), z.string()) })),
      }),
    ]),
    /** Not in the baseline: present only on refusals that a retry can cure. */
    retryable: z.literal(true).exactOptional(),
    /** Not in the baseline: present only on refusals by a limit per client, which it names … */
    code: z.enum(limitKinds).exactOptional(),
    /** … with the time after which it may be tried again, ms. */
    retryAfterMs: z.int().nonnegative().exactOptional(),
    /** Not in the baseline: how far the turn is, for the agent that pushes it. */
    turn: turnProgressSchema.exactOptional(),
  })
  .meta({ id: 'ErrorBody' });

export type ErrorBody = z.infer<typeof errorBodySchema>;

/** `path` includes the query string. */
export function errorBody(
  reason: Refusal,
  request: { readonly path: string; readonly timestamp: string },
  errors?: readonly ValidationError[],
): ErrorBody {
  const { status, error } = refusalTable[reason.code];
  return {
    statusCode: status,
    timestamp: request.timestamp,
    path: request.path,
    message: reason.message,
    details:
      errors === undefined
        ? { error, statusCode: status }
        : {
            errors: errors.map((entry) => ({
              property: entry.property,
              constraints: { ...entry.constraints },
            })),
          },
    ...(reason.retryable ? { retryable: true as const } : {}),
    ...(isLimitKind(reason.code) ? { code: reason.code } : {}),
    ...(reason.retryAfterMs === undefined ? {} : { retryAfterMs: reason.retryAfterMs }),
    ...(reason.turn === undefined ? {} : { turn: reason.turn }),
  };
}
