/**
 * Inspection events: what happens between actors, in the format of `@statelyai/inspect` 0.7 where possible, so that
 * its tools can show them. Callboard's additions are under the key `callboard` or have a type of their own (SPEC
 * INS).
 */
import { z } from 'zod';
import { actorPathSchema, transitionIdSchema } from '../actor-view.ts';
import { deliveries, namespaces } from '../event-table.ts';

/** The version of `@statelyai/inspect` whose format is used. */
export const inspectVersion = '0.7.2';

const base = {
  /** `0`, `1`, … along the stream of one focus. */
  id: z.string(),
  _version: z.literal(inspectVersion),
  /** Milliseconds since the epoch, as text. */
  createdAt: z.string(),
  /** Path of the root actor. */
  rootId: actorPathSchema,
  /** Path of the actor; in `@xstate.event`, of the receiver. Not a chat session. */
  sessionId: actorPathSchema,
};

/** Whole when small; otherwise only `type` and `preview`. */
const eventObjectSchema = z.looseObject({ type: z.string() });

const snapshotSchema = z.looseObject({
  status: z.string(),
  value: z.json().exactOptional(),
  /** Cut where it is large. */
  context: z.json().exactOptional(),
  output: z.json().exactOptional(),
  error: z.json().exactOptional(),
});

/** An actor exists: it was spawned, or existed when the focus began. */
export const actorInspectedSchema = z
  .object({
    ...base,
    type: z.literal('@xstate.actor'),
    name: z.string(),
    parentId: actorPathSchema.exactOptional(),
    /** The machine's config as JSON, for Stately's tools; absent for other actors. */
    definition: z.string().exactOptional(),
    snapshot: snapshotSchema,
  })
  .meta({ id: 'ActorInspected' });

/** A message from one actor to another. */
export const eventInspectedSchema = z
  .object({
    ...base,
    type: z.literal('@xstate.event'),
    /** Path of the sender; absent when it came from outside. */
    sourceId: actorPathSchema.exactOptional(),
    event: eventObjectSchema,
    callboard: z.object({
      /** JSON of the whole event, cut (I9). */
      preview: z.string().nullable(),
      /** How many events this one stands for: pieces of text are too frequent to be sent one by one. */
      count: z.int().positive(),
    }),
  })
  .meta({ id: 'EventInspected' });

/** An actor has handled an event. */
export const snapshotInspectedSchema = z
  .object({
    ...base,
    type: z.literal('@xstate.snapshot'),
    event: eventObjectSchema,
    snapshot: snapshotSchema,
    callboard: z.object({
      /** The transitions of its chart that the event caused, in order. */
      transitions: z.array(transitionIdSchema),
      count: z.int().positive(),
    }),
  })
  .meta({ id: 'SnapshotInspected' });

/** An actor has emitted an event to the world, with the frame that clients get. */
export const emissionInspectedSchema = z
  .object({
    ...base,
    type: z.literal('@callboard.emitted'),
    event: eventObjectSchema,
    callboard: z.object({
      preview: z.string().nullable(),
      count: z.int().positive(),
      /** `reply`: the answer to a command. */
      delivery: z.enum([...deliveries, 'reply']),
      /** `null` for a reply. */
      namespace: z.enum(namespaces).nullable(),
      /** Position in the journal; `null`: not committed yet, or never written. */
      seq: z.int().nullable(),
      /** Topics on which it is published; empty when it is only journaled. */
      topics: z.array(z.string()),
      /** The frame of `callboard.v1`, cut; `null` when there is none. */
      frame: z.string().nullable(),
    }),
  })
  .meta({ id: 'EmissionInspected' });

export const inspectEventSchema = z.discriminatedUnion('type', [
  actorInspectedSchema,
  eventInspectedSchema,
  snapshotInspectedSchema,
  emissionInspectedSchema,
]);
export type InspectEvent = z.infer<typeof inspectEventSchema>;
export type InspectEventOf<Type extends InspectEvent['type']> = Extract<InspectEvent, { type: Type }>;
