/**
 * Reads what others wrote as JSON, leniently: each function answers `undefined` for what is not of its kind, `null`
 * counts as absent, and none throws.
 */
import { isJsonDeeper } from '../../../schema/json-depth.ts';
import { limits } from '../../../schema/limits.ts';

export type Foreign = Readonly<Record<string, unknown>>;

/** The data of an event as an object; some gateways write the name of the field twice. */
export function eventObject(data: string): Foreign | undefined {
  return objectOf(parsedJson(data.startsWith('{') ? data : data.replace(/^\s*data:/, '')));
}

/** Deeper than a client may nest it, it counts as no JSON: whatever is read of it is written and walked again. */
export function parsedJson(text: string): unknown {
  if (isJsonDeeper(text, limits.jsonDepthMax)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): Foreign | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Foreign {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Empty when it is no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A list, or the one thing that stands where a list should. */
export function manyOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** `undefined` for an empty text, too: nobody means anything by it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A count as a number; some write it as text. */
export function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** The members of `names` that are there, as JSON has them; `undefined` when there are none. */
export function membersOf(value: Foreign, names: readonly string[]): Foreign | undefined {
  let found: Record<string, unknown> | undefined;
  for (const name of names) {
    const member = value[name];
    if (member === undefined || member === null) continue;
    found ??= {};
    found[name] = member;
  }
  return found;
}
