/** Frames of the namespace `inspect` in `callboard.v1` (SPEC INS): volatile, without `seq`, never resumed. */
import { z } from 'zod';
import { actorPathSchema, actorViewSchema } from '../actor-view.ts';
import { sessionIdSchema } from '../ids.ts';
import { operatorCommandSchema } from '../operator-command.ts';
import { inspectEventSchema } from './inspect-event.ts';

/** Data of `subscribe` and `unsubscribe` for the live tree. It goes with no other namespace, session or cursor. */
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

/** Data of `inspect.focus`: the actor whose events are wanted, with all below it; `null`: none any more. */
export const inspectFocusSchema = z
  .object({ actorId: actorPathSchema.nullable() })
  .meta({ id: 'InspectFocus' });
export type InspectFocus = z.infer<typeof inspectFocusSchema>;

/** Data of the `ack` of `inspect.focus`. */
export const inspectFocusedSchema = z
  .object({
    actorId: actorPathSchema.nullable(),
    /** Whether it is in memory now; if not, its events come when it wakes. */
    live: z.boolean(),
  })
  .meta({ id: 'InspectFocused' });
export type InspectFocused = z.infer<typeof inspectFocusedSchema>;

/** Data of `inspect.snapshot`: a part of the live tree. Parts come one after the other, `inspect.changes` between them. */
export const inspectSnapshotSchema = z
  .object({
    /** Forget everything known before. */
    first: z.boolean(),
    /** The tree is complete. */
    last: z.boolean(),
    at: z.number(),
    actors: z.array(actorViewSchema),
  })
  .meta({ id: 'InspectSnapshot' });
export type InspectSnapshot = z.infer<typeof inspectSnapshotSchema>;

/** What was left out since the frame before, so that nobody takes a sample for the whole. */
export const sampledSchema = z.object({
  /** Events that actors heard. */
  events: z.int().nonnegative(),
  /** Sessions that changed and wait for the next frame. */
  sessionsWaiting: z.int().nonnegative(),
});

/** Data of `inspect.changes`: actors as they are now, and those that are gone. */
export const inspectChangesSchema = z
  .object({
    at: z.number(),
    /** New or changed; the whole view replaces what was known. */
    actors: z.array(actorViewSchema),
    /** Gone; unknown ones among them mean nothing. */
    removed: z.array(actorPathSchema),
    sampled: sampledSchema,
  })
  .meta({ id: 'InspectChanges' });
export type InspectChanges = z.infer<typeof inspectChangesSchema>;

/** Data of `inspect.events`: what happened below the focus since the frame before, in order. */
export const inspectEventsSchema = z
  .object({
    /** The focus. */
    actorId: actorPathSchema,
    /** The chat session that it belongs to; `null` for the runtime config. */
    sessionId: sessionIdSchema.nullable(),
    at: z.number(),
    events: z.array(inspectEventSchema),
    /** Events left out, because there were too many or this reader was too slow. */
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
    /** Whether it is in memory; if not, `actors` shows how it would wake. */
    live: z.boolean(),
    actors: z.array(actorViewSchema),
    commands: z.array(operatorCommandSchema),
  })
  .meta({ id: 'InspectedSession' });
export type InspectedSession = z.infer<typeof inspectedSessionSchema>;

/** `json`: its data, encoded: views are encoded once, whoever looks at them. */
export function inspectFrame(
  event: 'inspect.snapshot' | 'inspect.changes' | 'inspect.events',
  json: string,
): string {
  return `{"event":"${event}","data":${json}}`;
}
