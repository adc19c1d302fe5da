/** Values that JSON can carry, and JSON Schemas as such values. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/** A JSON Schema (draft 2020-12 or 7), for an object unless said otherwise. */
export type JsonSchemaObject = JsonObject;
