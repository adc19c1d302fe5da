/**
 * History: a stored session, its journal replayed event by event through the machines, for the time machine
 * (SPEC INS). Each step shows the actors as they were, in the shape in which live ones are shown.
 */
import { z } from 'zod';
import { actorPathSchema, actorViewSchema, transitionIdSchema } from './actor-view.ts';
import { namespaces } from './event-table.ts';
import { sessionIdSchema } from './ids.ts';

/**
 * How sure a step is:
 * - `replayed`: the machines, told again what they heard then (`inputs`), say exactly this event.
 * - `differing`: told the same, they say something else; `note` says what.
 * - `closed`: the process had ended; at its next start the rows were closed by this event, without an actor.
 * - `recorded`: shown as the journal has it. Other machines said it, or what led to it was not kept.
 */
export const historyBases = ['replayed', 'differing', 'closed', 'recorded'] as const;

export const historyStepSchema = z
  .object({
    /** Place in the journal; names the step. */
    seq: z.int().positive(),
    at: z.number(),
    event: z.string(),
    namespace: z.enum(namespaces),
    /** JSON of its data, cut (I9). */
    data: z.string().nullable(),
    basis: z.enum(historyBases),
    /** Path of the actor that said it; `null`: none did, or unknown. */
    actorId: actorPathSchema.nullable(),
    /**
     * What came from outside since the step before and led here: what the session woke with, commands, and what
     * engine, tools and timers told. Of text only the length. Empty when this event has the cause of the one before.
     */
    inputs: z.array(
      z.object({
        actorId: actorPathSchema,
        type: z.string(),
        at: z.number(),
        /** JSON of the message, cut. */
        preview: z.string().nullable(),
      }),
    ),
    /** Every actor of the session after the step, parents first, with `context`. Those that just ended are among them. */
    actors: z.array(actorViewSchema),
    /** What each could have done instead: transitions of its active states before the step that were not taken. */
    untaken: z.array(z.object({ actorId: actorPathSchema, transitions: z.array(transitionIdSchema) })),
    /** What is to be known of this step besides; `null`: nothing. */
    note: z.string().nullable(),
  })
  .meta({ id: 'HistoryStep' });
export type HistoryStep = z.infer<typeof historyStepSchema>;

/** Answer of `GET /inspect/sessions/:id/history`. */
export const sessionHistorySchema = z
  .object({
    sessionId: sessionIdSchema,
    /** False: retention has deleted the beginning, and the first steps may be `recorded`. */
    complete: z.boolean(),
    /** Of the session's events in the journal: how many, the first and the last `seq`. */
    events: z.object({ count: z.int(), first: z.int().nullable(), last: z.int().nullable() }),
    /** It has more events than are replayed (`historyEventsMax`); those behind are not shown. */
    capped: z.literal(true).exactOptional(),
    steps: z.array(historyStepSchema),
    /** `after` of the next page; `null`: this was the last. */
    next: z.int().nullable(),
  })
  .meta({ id: 'SessionHistory' });
export type SessionHistory = z.infer<typeof sessionHistorySchema>;
