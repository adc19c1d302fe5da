/**
 * What an engine wants back with a step when the model is given that step again: signed or encrypted reasoning, and
 * signatures of single calls. Nobody but the engine reads the values, and they go to nobody but whom they came from.
 */
import { z } from 'zod';

export const continuationSchema = z
  .object({
    /** `<provider>/<model>` that gave it. */
    origin: z.string(),
    /** What belongs to the step as a whole. */
    step: z.json().exactOptional(),
    /** What belongs to one call, by our id of the call. */
    calls: z.record(z.string(), z.json()).exactOptional(),
    /** It was longer than `continuationUnitsMax`: the calls of the step can only be told as text. */
    dropped: z.literal(true).exactOptional(),
  })
  .meta({ id: 'Continuation' });
export type Continuation = z.infer<typeof continuationSchema>;
