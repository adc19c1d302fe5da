/** Turns Zod schemas into JSON Schema for an API document; named schemas move into `components/schemas`. */
import { z } from 'zod';
import { assert } from '../../../schema/unreachable.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** OpenAPI 3.1 uses draft 2020-12, AsyncAPI 3.0 draft 7. */
export type JsonSchemaTarget = 'draft-2020-12' | 'draft-7';

/** Collects the named schemas of one document. */
export class SchemaComponents {
  readonly #target: JsonSchemaTarget;
  readonly #schemas = new Map<string, JsonSchema>();

  constructor(target: JsonSchemaTarget) {
    this.#target = target;
  }

  /** Every schema referred to so far, by name. */
  schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas);
  }

  /** A schema with an id becomes a reference. Input and output schemas never share a reference. */
  describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made = z.toJSONSchema(schema, {
      io,
      target: this.#target,
      override: ({ jsonSchema: node }) => {
        // Clients ignore unknown keys, so a schema must allow keys that are added later.
        if (node.additionalProperties === false) delete node.additionalProperties;
        // These patterns are long, and `format` already says the same.
        if (node.format === 'date-time' || node.format === 'uuid') delete node.pattern;
      },
    });
    const text = JSON.stringify(made).replaceAll(/"#\/(?:\$defs|definitions)\//g, '"#/components/schemas/');
    const { $schema: _, $defs, definitions, ...rest } = schemaOf(JSON.parse(text));
    for (const [name, definition] of Object.entries(schemaOf($defs ?? definitions ?? {}))) {
      const { id: __, ...named } = schemaOf(definition);
      this.#schemas.set(name, named);
    }
    return rest;
  }
}

export function schemaOf(value: unknown): JsonSchema {
  assert(typeof value === 'object' && value !== null, 'a JSON Schema is an object');
  return { ...value };
}
