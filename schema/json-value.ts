/** Values that JSON can carry, and JSON Schemas as such values. */
import type { z } from 'zod';

export type JsonValue = z.core.util.JSONType;
export type JsonObject = { readonly [key: string]: JsonValue };

/** A JSON Schema (draft 2020-12 or 7), for an object unless said otherwise. */
export type JsonSchemaObject = JsonObject;
