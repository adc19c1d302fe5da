/**
 * History: a stored session whose journal is replayed event by event through the machines, for the time machine (SPEC
 * INS). Each step shows the actors as they were, in the same shape as live ones.
 */
import { z } from 'zod';
import { actorPathSchema, actorViewSchema, transitionIdSchema } from './actor-view.ts';
import { namespaces } from './event-table.ts';
import { sessionIdSchema } from './ids.ts';

/**
 * How a step was found:
 * - `replayed`: given the same events again (`inputs`), the machines emit exactly this event.
 * - `differing`: given the same events, they emit something else; `note` says what.
 * - `closed`: the process had ended; at its next start recovery wrote this event from the rows, without an actor.
 * - `recorded`: shown as it is in the journal. Another version of the machines emitted it, or its cause was not kept.
 */
export const historyBases = ['replayed', 'differing', 'closed', 'recorded'] as const;

export const historyStepSchema = z
  .object({
    /** Position in the journal; identifies the step. */
    seq: z.int().positive(),
    at: z.number(),
    event: z.string(),
    namespace: z.enum(namespaces),
    /** Its data as JSON, cut (I9). */
    data: z.string().nullable(),
    basis: z.enum(historyBases),
    /** Path of the actor that emitted it; `null`: no actor did, or it is unknown. */
    actorId: actorPathSchema.nullable(),
    /**
     * What came from outside since the previous step and caused this one: the input with which the session woke,
     * commands, and events of engine, tools and timers. Of text only the length. Empty when this event shares the
     * previous one's cause.
     */
    inputs: z.array(
      z.object({
        actorId: actorPathSchema,
        type: z.string(),
        at: z.number(),
        /** The message as JSON, cut. */
        preview: z.string().nullable(),
      }),
    ),
    /**
     * Every actor of the session after the step, parents first, with `context`, including those that have just ended.
     */
    actors: z.array(actorViewSchema),
    /**
     * What each actor could have done instead: transitions of its active states before the step that were not taken.
     */
    untaken: z.array(z.object({ actorId: actorPathSchema, transitions: z.array(transitionIdSchema) })),
    /** A remark on this step; `null`: none. */
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
    /** The session's events in the journal: their number, the first and the last `seq`. */
    events: z.object({ count: z.int(), first: z.int().nullable(), last: z.int().nullable() }),
    /** Present when there are more events than are replayed (`historyEventsMax`); later ones are not shown. */
    capped: z.literal(true).exactOptional(),
    /** How many of the session's events come before the first of `steps`. */
    offset: z.int().nonnegative(),
    steps: z.array(historyStepSchema),
    /** `after` of the next page; `null`: this was the last. */
    next: z.int().nullable(),
  })
  .meta({ id: 'SessionHistory' });
export type SessionHistory = z.infer<typeof sessionHistorySchema>;
