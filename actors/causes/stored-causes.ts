/**
 * Causes as the journal keeps them: JSON text with the version of the machines, and without what the event that they
 * are stored with, or one behind it, tells anyway. Keys of clients (`Idempotency-Key`) are among that.
 */
import { z } from 'zod';
import { machinesVersion } from '../../machines/machines-version.ts';
import type { AskedCall } from '../../machines/turn-context.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { Cause, CauseAddress, HeardEvent } from './cause.ts';
import { type HeardParts, journaledParts } from './journaled-parts.ts';
import { storedInput } from './stored-input.ts';

const at = z.number().exactOptional();

/** `at` and `commandId` are absent where they are those of the event that the cause is stored with. */
const storedCauseSchema = z.union([
  z.literal('closed'),
  z.object({ woke: z.looseObject({ at: z.number() }) }),
  z.object({ timer: z.int(), at }),
  z.object({ text: z.int(), at }),
  z.object({ reasoning: z.int(), at }),
  z.object({
    heard: z.looseObject({ type: z.string(), at }),
    /** Absent: the session. */
    to: z.string().exactOptional(),
    /** Present when the rest of it is found in the journal ({@link journaledParts}). */
    more: z.literal(1).exactOptional(),
  }),
]);
export type StoredCause = z.infer<typeof storedCauseSchema>;

const storedCausesSchema = z.object({
  machines: z.string(),
  /** In the order in which they came; `null`: there were too many, or they were too long. */
  causes: z.array(storedCauseSchema).nullable(),
});
export type StoredCauses = z.infer<typeof storedCausesSchema>;

/** `events`: the one that the causes are stored with, then those of its session that were emitted in the same burst. */
export function storedCauses(causes: readonly Cause[], events: readonly DomainEvent[]): string {
  const machines = machinesVersion();
  const tooMany: Stored = { machines, causes: null };
  if (causes.some(({ kind }) => kind === 'lost')) return JSON.stringify(tooMany);
  const whole: Stored = { machines, causes: causes.map((cause) => storedCause(cause, events)) };
  const text = JSON.stringify(whole);
  return text.length <= limits.causeUnitsMax ? text : JSON.stringify(tooMany);
}

type Stored = Record<keyof StoredCauses, unknown>;

/** `null`: not written by `storedCauses`. */
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
    if (key === 'type' || key === 'idempotency') continue;
    if ((key === 'at' && value === first?.at) || (key === 'commandId' && value === first?.commandId))
      continue;
    if (parts !== null && isEqual(parts[key], value)) more = 1;
    else heard[key] = value;
  }
  if (event.type === 'engine.toolCall') {
    if (parts !== null && isEqual(parts['call'], asked(event.call))) more = 1;
    else heard['call'] = event.call;
  }
  // The turn ends with it, and nobody is given back what the engine wanted.
  if (parts === null && event.type === 'engine.finished') delete heard['continuation'];
  return { heard, to: to ?? undefined, more };
}

/** What is stored of an event if the journal has nothing of it; a call is told apart by its id. */
function knownParts(event: HeardEvent): HeardParts {
  switch (event.type) {
    case 'engine.toolCall': {
      const { call, ...rest } = event;
      return { ...rest, callId: call.id, approval: call.approval };
    }
    case 'engine.failed':
      // One unit more than what is kept of a reason, so that it is cut where it was.
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

/** Of values that are the same or have the same fields: enough to leave one out. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return false;
  if (one === other) return true;
  return isObject(one) && isObject(other) && hasFieldsOf(one, other) && hasFieldsOf(other, one);
}

function hasFieldsOf(one: Fields, other: Fields): boolean {
  for (const key in other) if (one[key] !== other[key]) return false;
  return true;
}

type Fields = { readonly [field: string]: unknown };

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
