/**
 * Causes in the journal's form: JSON text with the version of the machines, without the parts that the event stored
 * with them, or a later one, contains anyway, and without clients' keys (`Idempotency-Key`).
 */
import { z } from 'zod';
import { machinesVersion } from '../../machines/machines-version.ts';
import type { AskedCall } from '../../machines/turn-context.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { Cause, CauseAddress, HeardEvent } from './cause.ts';
import { type HeardParts, journaledParts } from './journaled-parts.ts';
import { shortPlace, storedInput } from './stored-input.ts';

const at = z.number().exactOptional();

/** `at` and `commandId` are absent when they equal those of the event stored with the cause. */
const storedCauseSchema = z.union([
  z.literal('closed'),
  z.object({ woke: z.looseObject({ at: z.number() }) }),
  z.object({ timer: z.int(), at }),
  z.object({ text: z.int(), at }),
  z.object({ reasoning: z.int(), at }),
  z.object({
    heard: z.looseObject({ type: z.string(), at }),
    /** The receiving actor; absent: the session. */
    to: z.string().exactOptional(),
    /** Present when the other parts are in the journal's events ({@link journaledParts}). */
    more: z.literal(1).exactOptional(),
  }),
]);
export type StoredCause = z.infer<typeof storedCauseSchema>;

const storedCausesSchema = z.object({
  machines: z.string(),
  /** In order of arrival; `null`: there were too many, or they were too long. */
  causes: z.array(storedCauseSchema).nullable(),
});
export type StoredCauses = z.infer<typeof storedCausesSchema>;

/** `events` are the event that the causes are stored with, then the later ones of its session in the same burst. */
export function storedCauses(causes: readonly Cause[], events: readonly DomainEvent[]): string {
  const machines = machinesVersion();
  const tooMany: Stored = { machines, causes: null };
  if (causes.some(({ kind }) => kind === 'lost')) return JSON.stringify(tooMany);
  const whole: Stored = { machines, causes: causes.map((cause) => storedCause(cause, events)) };
  const text = JSON.stringify(whole);
  return text.length <= limits.causeUnitsMax ? text : JSON.stringify(tooMany);
}

type Stored = Record<keyof StoredCauses, unknown>;

/** `null`: the text was not written by `storedCauses`. */
export function readCauses(text: string): StoredCauses | null {
  try {
    return storedCausesSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function storedCause(cause: Cause, events: readonly DomainEvent[]): unknown {
  switch (cause.kind) {
    case 'closed':
    case 'lost':
      return cause.kind;
    case 'woke':
      return { woke: storedInput(cause.input) };
    case 'timer':
      return { timer: cause.timer, at: otherThan(events[0]?.at, cause.at) };
    case 'text':
    case 'reasoning':
      return { [cause.kind]: cause.units, at: otherThan(events[0]?.at, cause.at) };
    case 'heard':
      return storedEvent(cause.to, cause.event, events);
    default:
      return unreachable(cause);
  }
}

/** Runs for every command, so it copies little. */
function storedEvent(to: CauseAddress, event: HeardEvent, events: readonly DomainEvent[]): object {
  const [first] = events;
  const known = knownParts(event);
  const parts = journaledParts(known, to, events);
  const heard: Record<string, unknown> = { type: event.type };
  let more: 1 | undefined;
  for (const key in known) {
    const value = known[key];
    // What only the registry looks at, before the actor is told, is left out.
    if (key === 'type' || key === 'idempotency' || key === 'clientMadeId' || key === 'sees') continue;
    if ((key === 'at' && value === first?.at) || (key === 'commandId' && value === first?.commandId))
      continue;
    if (parts !== null && isEqual(parts[key], value)) more = 1;
    else heard[key] = value;
  }
  if (event.type === 'engine.toolCall' || event.type === 'source.toolCall') {
    if (parts !== null && isEqual(parts['call'], asked(event.call))) more = 1;
    else heard['call'] = event.call;
  }
  // The turn ends with this event, so the engine's continuation is not needed any more.
  if (parts === null && event.type === 'engine.finished') delete heard['continuation'];
  if ('stored' in event && event.stored !== null && 'message' in event.stored) {
    heard['stored'] = shortPlace(event.stored);
  }
  return { heard, to: to ?? undefined, more };
}

/** The stored parts of an event of which the journal has nothing; a call is identified by its id. */
function knownParts(event: HeardEvent): HeardParts {
  switch (event.type) {
    case 'engine.toolCall':
    case 'source.toolCall': {
      const { call, ...rest } = event;
      return { ...rest, callId: call.id, approval: call.approval };
    }
    case 'engine.failed':
      // Keeps one unit more than a reason may have, so that the replay cuts it at the same place.
      return { ...event, error: event.error.slice(0, limits.failureReasonUnitsMax + 1) };
    default:
      return event;
  }
}

function asked({ approval: _, ...call }: AskedCall): unknown {
  return call;
}

function otherThan<Value>(usual: Value | undefined, value: Value): Value | undefined {
  return value === usual ? undefined : value;
}

/** Compares values of JSON; a field that is `undefined` is absent. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return false;
  if (one === other) return true;
  return isObject(one) && isObject(other) && hasFieldsOf(one, other) && hasFieldsOf(other, one);
}

function hasFieldsOf(one: Fields, other: Fields): boolean {
  for (const key in other) if (one[key] !== other[key] && !isEqual(one[key], other[key])) return false;
  return true;
}

type Fields = { readonly [field: string]: unknown };

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
