/** Frames of the namespace `inspect` in `callboard.v1` (SPEC INS): volatile, without `seq`, never resumed. */
import { z } from 'zod';
import { actorPathSchema, actorViewSchema } from '../actor-view.ts';
import { sessionIdSchema } from '../ids.ts';
import { operatorCommandSchema } from '../operator-command.ts';
import { inspectEventSchema } from './inspect-event.ts';

/**
 * Data of `subscribe` and `unsubscribe` for the live tree. No other namespace, session or cursor may be given with
 * it.
 */
export const inspectSubscribeSchema = z
  .strictObject({ namespaces: z.tuple([z.literal('inspect')]) })
  .meta({ id: 'InspectSubscribe' });
export type InspectSubscribe = z.infer<typeof inspectSubscribeSchema>;

/** Data of the `ack` of that `subscribe`. */
export const inspectSubscribedSchema = z
  .object({
    /** Sessions in memory that the snapshot will show. */
    sessions: z.int().nonnegative(),
    /** Least time between two `inspect.changes`, ms. */
    intervalMs: z.int().positive(),
  })
  .meta({ id: 'InspectSubscribed' });
export type InspectSubscribed = z.infer<typeof inspectSubscribedSchema>;

/**
 * Data of `inspect.focus`: the actor whose events, and those of all actors below it, are wanted; `null`: none any
 * more.
 */
export const inspectFocusSchema = z
  .object({ actorId: actorPathSchema.nullable() })
  .meta({ id: 'InspectFocus' });
export type InspectFocus = z.infer<typeof inspectFocusSchema>;

/** Data of the `ack` of `inspect.focus`. */
export const inspectFocusedSchema = z
  .object({
    actorId: actorPathSchema.nullable(),
    /** Whether the actor is in memory now; if not, its events come when it wakes. */
    live: z.boolean(),
  })
  .meta({ id: 'InspectFocused' });
export type InspectFocused = z.infer<typeof inspectFocusedSchema>;

/** Data of `inspect.snapshot`: a part of the live tree. `inspect.changes` may come between the parts. */
export const inspectSnapshotSchema = z
  .object({
    /** True: forget all actors known before. */
    first: z.boolean(),
    /** True: the tree is complete. */
    last: z.boolean(),
    at: z.number(),
    actors: z.array(actorViewSchema),
  })
  .meta({ id: 'InspectSnapshot' });
export type InspectSnapshot = z.infer<typeof inspectSnapshotSchema>;

/** What was left out since the previous frame, so that nobody takes the frames for a complete record. */
export const sampledSchema = z.object({
  /** How many events actors received. */
  events: z.int().nonnegative(),
  /** How many changed sessions wait for the next frame. */
  sessionsWaiting: z.int().nonnegative(),
});

/** Data of `inspect.changes`: new and changed actors, and those that have gone. */
export const inspectChangesSchema = z
  .object({
    at: z.number(),
    /** New or changed actors; each view replaces the known one. */
    actors: z.array(actorViewSchema),
    /** Actors that have gone; ignore unknown ones. */
    removed: z.array(actorPathSchema),
    sampled: sampledSchema,
  })
  .meta({ id: 'InspectChanges' });
export type InspectChanges = z.infer<typeof inspectChangesSchema>;

/** Data of `inspect.events`: what happened below the focus since the previous frame, in order. */
export const inspectEventsSchema = z
  .object({
    /** The focus. */
    actorId: actorPathSchema,
    /** The chat session that it belongs to; `null` for the runtime config. */
    sessionId: sessionIdSchema.nullable(),
    at: z.number(),
    events: z.array(inspectEventSchema),
    /** How many events were left out, because there were too many or this reader was too slow. */
    dropped: z.int().nonnegative(),
    /** Every actor below the focus after these events, with `context`; empty when it is not in memory. */
    actors: z.array(actorViewSchema),
    /** What may be done to the session now. */
    commands: z.array(operatorCommandSchema),
  })
  .meta({ id: 'InspectEvents' });
export type InspectEvents = z.infer<typeof inspectEventsSchema>;

/** Answer of `GET /inspect/sessions/:id`: a session as it is now, in memory or stored. */
export const inspectedSessionSchema = z
  .object({
    sessionId: sessionIdSchema,
    /** Whether the session is in memory; if not, `actors` shows how it would wake. */
    live: z.boolean(),
    actors: z.array(actorViewSchema),
    commands: z.array(operatorCommandSchema),
  })
  .meta({ id: 'InspectedSession' });
export type InspectedSession = z.infer<typeof inspectedSessionSchema>;

/** `json` is the frame's data, already encoded: each view is encoded once for all readers. */
export function inspectFrame(
  event: 'inspect.snapshot' | 'inspect.changes' | 'inspect.events',
  json: string,
): string {
  return `{"event":"${event}","data":${json}}`;
}
