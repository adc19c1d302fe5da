/** What a person may let happen to an actor in the sandbox: a form, and the events that it becomes. */
import type { z } from 'zod';
import type { ActorView } from '../../../../schema/actor-view.ts';
import type { FieldMeta } from './fields.ts';
import type { Sent } from './sandboxed-session.ts';

/** What an offer knows when it is taken. */
export type Surroundings = {
  readonly actors: readonly ActorView[];
  /** The time of its events. */
  readonly at: number;
  /** Of the answer that is being given, UTF-16 units. */
  readonly answerUnits: number;
};

export type WhatIfOffer = {
  /** Unique among the offers to one actor. */
  readonly id: string;
  readonly label: string;
  /** Its fields, in order. */
  readonly schema: z.ZodObject;
  /** `value` is what the schema made of the fields. */
  readonly events: (value: unknown, around: Surroundings) => readonly Sent[];
};

/** An offer whose events are typed by its schema. */
export function offer<Schema extends z.ZodObject>(
  id: string,
  label: string,
  schema: Schema,
  events: (value: z.output<Schema>, around: Surroundings) => readonly Sent[],
): WhatIfOffer {
  return { id, label, schema, events: (value, around) => events(schema.parse(value), around) };
}

/** The words and the look of a field. */
export function shownAs(meta: FieldMeta): FieldMeta {
  return meta;
}
