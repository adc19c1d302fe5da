/** What clients hear of a turn whose model call failed and is made again ([MDL14]). */
import { z } from 'zod';
import { engineErrorCodes } from './engine-error.ts';
import { messageIdSchema, sessionIdSchema } from './ids.ts';

/** Data of `turn.retrying`. */
export const turnRetryingSchema = z
  .object({
    sessionId: sessionIdSchema,
    /** The message that is to be answered. */
    messageId: messageIdSchema,
    /** The attempt that comes next, counted from 1 within the model call. */
    attempt: z.int().min(2),
    attemptsMax: z.int().min(2),
    /** When it is made. */
    retryAt: z.iso.datetime(),
    /** Why the last one failed. */
    errorCode: z.enum(engineErrorCodes),
  })
  .meta({ id: 'TurnRetrying' });
export type TurnRetrying = z.output<typeof turnRetryingSchema>;
