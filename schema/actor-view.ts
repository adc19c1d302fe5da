/**
 * Actor views: the description of one actor for inspectors. Live actors, stored sessions and past steps all use this
 * shape (SPEC INS).
 */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';

export const actorKinds = [
  'session',
  'turn',
  'answer',
  'engine',
  /** Takes what an agent outside pushes, in the engine's place. */
  'source',
  'toolCall',
  'toolRunner',
  'trace',
  'clientTrace',
  'runtimeConfig',
  'toolRegistry',
  /** A kind that this version does not know. */
  'other',
] as const;
export type ActorKind = (typeof actorKinds)[number];

/**
 * Path of an actor from its root: `session.<uuid>/turn.<uuid>/toolCall.<uuid>`, `clientTrace.<uuid>`, `runtimeConfig` or
 * `toolRegistry`. An actor that
 * wakes from its rows gets its earlier path again.
 */
export const actorPathSchema = z
  .string()
  .max(256)
  .regex(/^[A-Za-z][\w.-]*(\/[A-Za-z\d][\w.-]*)*$/)
  .brand<'ActorPath'>();
export type ActorPath = z.infer<typeof actorPathSchema>;

/**
 * Names one transition of a chart: `modelCall:engine.finished:1`, from its source, its event descriptor, and its
 * index among the transitions with both.
 */
export const transitionIdSchema = z.string();

export const actorViewSchema = z
  .object({
    id: actorPathSchema,
    /** `null` for a root. */
    parentId: actorPathSchema.nullable(),
    kind: z.enum(actorKinds),
    /** The actor's chart in `GET /inspect/machines`; `null` for engines, sources and tool runners, which have none. */
    chartId: z.string().nullable(),
    /** The session that it belongs to; `null` for the runtime config, the tool registry and traces of clients. */
    sessionId: sessionIdSchema.nullable(),
    /**
     * Id of the session, turn, tool call or trace that the actor represents, or of the message that an answer writes.
     */
    entityId: z.uuid().nullable(),
    /** A name for users: the title of a session, the name of a tool, trace or outside agent; otherwise the kind. */
    label: z.string(),
    status: z.enum(['active', 'done', 'error', 'stopped']),
    /** XState's state value; `null` for an actor without states. */
    value: z.json(),
    /** Paths of the states that are active in its chart, parents first: `open`, `open.status`, `open.status.active`. */
    states: z.array(z.string()),
    /** Tags of those states. */
    tags: z.array(z.string()),
    /** When the actor entered `value`, ms since the epoch; `null`: not known. */
    since: z.number().nullable(),
    /** False: no inspector watched then, and `since` is the time of the last event that the actor itself noted. */
    sinceExact: z.boolean(),
    /** The last event that the actor received, and when; `null`: none since an inspector watches. */
    lastEvent: z.object({ type: z.string(), at: z.number() }).nullable(),
    /** The transitions caused by its last event, in order; empty when there were none or no inspector watched. */
    transitions: z.array(transitionIdSchema),
    /** Numbers that show its progress: `turnsWaiting`, `step`, `calls`, `textUnits`, `pieces`, … */
    counts: z.record(z.string(), z.number()),
    /** Its context as JSON, cut (I9). Absent in the frames of the tree. */
    context: z.string().nullable().exactOptional(),
  })
  .meta({ id: 'ActorView' });
export type ActorView = z.infer<typeof actorViewSchema>;
