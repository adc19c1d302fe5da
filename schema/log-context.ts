/**
 * Turns any value into JSON for a log: bounded, without secrets, and without ever throwing (SPEC [LOG4], [LOG5],
 * [LOG6]).
 */
import type { z } from 'zod';
import { limits } from './limits.ts';
import { cutText } from './preview.ts';
import { isSecretKey, redacted, redactedText } from './redaction.ts';

export type LoggableJson = z.core.util.JSONType;
export type LogContext = { readonly [key: string]: LoggableJson };

/** The context of a line; `undefined` when there is nothing to show. */
export function loggableContext(context: unknown): { [key: string]: LoggableJson } | undefined {
  if (context === undefined) return undefined;
  const value = loggableJson(context, limits.logContextUnitsMax);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value };
  return Object.keys(value).length === 0 ? undefined : value;
}

/** Any value, as about `unitsMax` UTF-16 units of JSON. */
export function loggableJson(value: unknown, unitsMax: number): LoggableJson {
  return new Walk(unitsMax).loggable(value, 0);
}

/** The text of a log entry: without secrets, at most `unitsMax` units plus `…`. */
export function loggableText(text: string, unitsMax: number): string {
  // Cuts roughly before redacting, to bound the work, and exactly afterwards, so that no secret is cut in half and
  // missed.
  return cutText(redactedText(text.slice(0, unitsMax + 10_000)), unitsMax);
}

/** Units that a value costs besides its text: quotes, commas, brackets. */
const punctuationUnits = 6;
const keyUnitsMax = 100;

/** One walk through one context, with the remaining budget. */
class Walk {
  private unitsLeft: number;
  /** The objects that contain the present value. */
  private readonly path = new Set<object>();

  constructor(unitsMax: number) {
    this.unitsLeft = unitsMax;
  }

  loggable(value: unknown, depth: number): LoggableJson {
    this.unitsLeft -= punctuationUnits;
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.text(`${value}n`);
      case 'symbol':
        return this.text(String(value));
      case 'function':
        return '[function]';
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : this.object(value, depth);
    }
  }

  private text(text: string): string {
    const shown = loggableText(text, Math.max(0, this.unitsLeft));
    this.unitsLeft -= shown.length;
    return shown;
  }

  private object(value: object, depth: number): LoggableJson {
    if (this.path.has(value)) return '[circular]';
    if (depth >= limits.logContextDepthMax) return '[deeper values left out]';
    this.path.add(value);
    try {
      return this.contents(value, depth);
    } catch (error) {
      return this.text(`[unreadable: ${reasonOf(error)}]`);
    } finally {
      this.path.delete(value);
    }
  }

  private contents(value: object, depth: number): LoggableJson {
    if (value instanceof Error) return this.error(value, depth);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return this.list(value, value.length, depth);
    if (value instanceof Set) return this.list(value, value.size, depth);
    if (value instanceof Map) {
      return this.record(value.size, value.entries(), depth);
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.loggable(value.toJSON(), depth + 1);
    }
    const keys = Object.keys(value);
    return this.record(keys.length, entriesOf(value, keys), depth);
  }

  private error(error: Error, depth: number): LoggableJson {
    const keys = Object.keys(error).filter((key) => !['name', 'message', 'stack', 'cause'].includes(key));
    const shown = ['name', 'message', 'stack', ...keys, 'cause'];
    return this.record(shown.length, entriesOf(error, shown), depth);
  }

  private list(values: Iterable<unknown>, count: number, depth: number): LoggableJson {
    const shown: LoggableJson[] = [];
    for (const value of values) {
      if (shown.length === limits.logContextItemsMax || this.unitsLeft <= 0) {
        shown.push(`[${count - shown.length} more left out]`);
        break;
      }
      shown.push(this.loggable(value, depth + 1));
    }
    return shown;
  }

  private record(count: number, entries: Iterable<readonly [unknown, unknown]>, depth: number): LoggableJson {
    const shown: [string, LoggableJson][] = [];
    let seen = 0;
    for (const [name, value] of entries) {
      if (seen === limits.logContextItemsMax || this.unitsLeft <= 0) {
        shown.push(['…', `${count - seen} more left out`]);
        break;
      }
      seen++;
      if (value === undefined) continue;
      const whole = typeof name === 'string' ? name : String(name);
      const key = loggableText(whole, keyUnitsMax);
      this.unitsLeft -= key.length;
      const isHidden = value !== null && typeof value !== 'boolean' && isSecretKey(whole);
      shown.push([key, isHidden ? redacted : this.loggable(value, depth + 1)]);
    }
    return Object.fromEntries(shown);
  }
}

/** Reads each property separately, so that a getter that throws loses only its own value. */
function* entriesOf(value: object, keys: readonly string[]): Generator<[string, unknown], void, void> {
  for (const key of keys) {
    let found: unknown;
    try {
      found = Reflect.get(value, key);
    } catch (error) {
      found = `[unreadable: ${reasonOf(error)}]`;
    }
    yield [key, found];
  }
}

/** The message of a thrown value; reading it may throw as well. */
function reasonOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'no reason given';
  }
}
