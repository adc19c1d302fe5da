/**
 * Actor views: one actor as an inspector shows it. Live actors, stored sessions and steps of the past are all shown by
 * this one shape (SPEC INS).
 */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';

export const actorKinds = [
  'session',
  'turn',
  'answer',
  'engine',
  'toolCall',
  'toolRunner',
  'trace',
  'runtimeConfig',
  /** One that this version does not know. */
  'other',
] as const;
export type ActorKind = (typeof actorKinds)[number];

/**
 * Path of an actor from its root: `session.<uuid>/turn.<uuid>/toolCall.<uuid>`, or `runtimeConfig`. An actor that
 * wakes from its rows has the path that it had before.
 */
export const actorPathSchema = z
  .string()
  .max(256)
  .regex(/^[A-Za-z][\w.-]*(\/[A-Za-z\d][\w.-]*)*$/)
  .brand<'ActorPath'>();
export type ActorPath = z.infer<typeof actorPathSchema>;

/** Names one transition of a chart: `modelCall:engine.finished:1`, source, event descriptor and place among its kind. */
export const transitionIdSchema = z.string();

export const actorViewSchema = z
  .object({
    id: actorPathSchema,
    /** `null` for a root. */
    parentId: actorPathSchema.nullable(),
    kind: z.enum(actorKinds),
    /** The chart at `GET /inspect/machines` that it runs; `null` for engines and tool runners, which have none. */
    chartId: z.string().nullable(),
    /** The session that it belongs to; `null` for the runtime config. */
    sessionId: sessionIdSchema.nullable(),
    /** Id of what it stands for: session, turn, tool call, trace, or the message of an answer. */
    entityId: z.uuid().nullable(),
    /** For people: the title of a session, the name of a tool or trace; else its kind. */
    label: z.string(),
    status: z.enum(['active', 'done', 'error', 'stopped']),
    /** XState's state value; `null` for what has no states. */
    value: z.json(),
    /** Paths of the states that are active in its chart, parents first: `open`, `open.status`, `open.status.active`. */
    states: z.array(z.string()),
    /** Tags of those states. */
    tags: z.array(z.string()),
    /** When it entered `value`, ms since the epoch; `null`: not known. */
    since: z.number().nullable(),
    /** False: nobody watched when it did, and `since` is the time of the last event that the actor itself noted. */
    sinceExact: z.boolean(),
    /** The last event that it heard, and when; `null`: none since somebody watches. */
    lastEvent: z.object({ type: z.string(), at: z.number() }).nullable(),
    /** The transitions that its last event took, in order; empty when it took none or nobody watched. */
    transitions: z.array(transitionIdSchema),
    /** Figures that tell how far it is: `turnsWaiting`, `step`, `calls`, `textUnits`, `pieces`, … */
    counts: z.record(z.string(), z.number()),
    /** JSON of its context, cut (I9). Not in the frames of the tree. */
    context: z.string().nullable().exactOptional(),
  })
  .meta({ id: 'ActorView' });
export type ActorView = z.infer<typeof actorViewSchema>;
