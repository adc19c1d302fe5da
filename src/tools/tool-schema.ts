/** The JSON Schema of a built-in tool's arguments, from the Zod schema that reads them. */
import { z } from 'zod';
import type { JsonSchemaObject } from '../../schema/json-value.ts';

export function toolSchemaOf(schema: z.ZodObject): JsonSchemaObject {
  // A round trip leaves what JSON can carry, which is what a JSON Schema is.
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })));
}
