/** Values that JSON can carry, and JSON Schemas as such values. */
import type { z } from 'zod';

export type JsonValue = z.core.util.JSONType;
export type JsonObject = { readonly [key: string]: JsonValue };

/** A JSON Schema (draft 2020-12 or 7), for an object unless said otherwise. */
export type JsonSchemaObject = JsonObject;

/** Whether the value is JSON that is nested no deeper than `depthMax`; a plain value has the depth 0. Never overflows. */
export function isJsonValue(value: unknown, depthMax: number): value is JsonValue {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value === 'object' && next.value !== null) {
      const depth = next.depth + 1;
      if (depth > depthMax) return false;
      for (const inner of Object.values(next.value)) waiting.push({ value: inner, depth });
    } else if (!isPlainValue(next.value)) {
      return false;
    }
  }
  return true;
}

function isPlainValue(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}
