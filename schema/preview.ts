/**
 * Previews: any value as at most so many UTF-16 units plus `…`, by default 2,000 (`previewUnitsMax`), safe to put on the wire (docs/protocol.md A3; I9).
 *
 * `null` and `undefined` → `null`; a string stays itself; numbers and booleans → their text; anything else → its
 * JSON; a value that cannot be serialised → its `String()`, or `null` when even that throws. Never throws, and never
 * splits a surrogate pair.
 */
import { limits } from './limits.ts';
import { isHighSurrogate } from './text.ts';

export function preview(value: unknown, unitsMax: number = limits.previewUnitsMax): string | null {
  const text = valueText(value);
  return text === null ? null : cutText(text, unitsMax);
}

/** Cuts to `unitsMax` UTF-16 units and appends `…`; one unit fewer rather than half a pair. Short text is itself. */
export function cutText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text.toWellFormed();
  const end = isHighSurrogate(text.charCodeAt(unitsMax - 1)) ? unitsMax - 1 : unitsMax;
  return `${text.slice(0, end).toWellFormed()}…`;
}

/** The whole text of a value, by the rules of {@link preview}, uncut. */
export function valueText(value: unknown): string | null {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return value === null ? null : serialised(value);
  }
}

function serialised(value: unknown): string | null {
  try {
    const json: string | undefined = JSON.stringify(value);
    if (typeof json === 'string') return json;
  } catch {
    // Falls through to `String()`: cycles, BigInt, a throwing getter or `toJSON`.
  }
  try {
    return String(value);
  } catch {
    return null;
  }
}
