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
 * - `replayed`: the machines, given `inputs`, say exactly this event.
 * - `closed`: the process had ended; at its next start the rows were closed by this event, without an actor.
 * - `unexplained`: no input of ours made the machines say it; the actors shown are those before it.
 */
export const historyBases = ['replayed', 'closed', 'unexplained'] as const;

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
     * The messages from outside that led here since the step before: commands, and what engine, tools and timers
     * told. Empty when this event came of the same message as the one before.
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
    /** What the journal cannot tell of this step; `null`: nothing is missing. */
    note: z.string().nullable(),
  })
  .meta({ id: 'HistoryStep' });
export type HistoryStep = z.infer<typeof historyStepSchema>;

/** Answer of `GET /inspect/sessions/:id/history`. */
export const sessionHistorySchema = z
  .object({
    sessionId: sessionIdSchema,
    /** False: retention has deleted the beginning, and the first steps may be `unexplained`. */
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
