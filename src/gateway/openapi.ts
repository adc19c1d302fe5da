/** The OpenAPI 3.1 document, made from the route table and the schemas that validate requests. */
import { z } from 'zod';
import { errorBodySchema } from '../../schema/error-body.ts';
import { limits } from '../../schema/limits.ts';
import { refusalTable } from '../../schema/refusal.ts';
import { assert } from '../../schema/unreachable.ts';
import { none, type Route } from './route.ts';

export type JsonSchema = { readonly [key: string]: unknown };

export type Operation = {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
};
type Response = { readonly description: string; readonly content?: Content };
/** By media type; there is one. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export type OpenApiDocument = {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
};

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer' },
  'x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key' },
  'api-key': { type: 'apiKey', in: 'header', name: 'api-key' },
  apiKey: { type: 'apiKey', in: 'query', name: 'apiKey' },
  api_key: { type: 'apiKey', in: 'query', name: 'api_key' },
} as const;

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const components = new Map<string, JsonSchema>();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(':id', '{id}');
    const methods = paths[path] ?? {};
    paths[path] = methods;
    methods[route.method.toLowerCase()] = operation(route, components);
  }
  const responses = refusalResponses(components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Callboard',
      version: '1',
      description:
        'Sessions, messages, traces, config and logs of a chat server. What happens is streamed over WebSockets on ' +
        '/chat-sessions, /chat-messages, /traces, /config, /tools and /logs.',
    },
    paths,
    components: { schemas: Object.fromEntries(components), responses, securitySchemes },
  };
}

function operation(route: Route, components: Map<string, JsonSchema>): Operation {
  const parameters = parametersOf(route, components);
  return {
    summary: route.summary,
    tags: [route.tag],
    // The empty requirement: keys are asked for only where the server was given some.
    security: route.public ? [] : [{}, ...Object.keys(securitySchemes).map((name) => ({ [name]: [] }))],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === none
      ? {}
      : { requestBody: { required: true, content: json(jsonSchema(route.body, 'input', components)) } }),
    responses: {
      [route.response.status]: {
        description: route.response.description,
        ...contentOf(route.response, components),
      },
      ...Object.fromEntries(
        refusalsOf(route).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

function parametersOf(route: Route, components: Map<string, JsonSchema>) {
  const inPath = route.path.includes(':id')
    ? [{ name: 'id', in: 'path' as const, required: true, schema: { type: 'string', format: 'uuid' } }]
    : [];
  const inHeader =
    route.method === 'GET' || route.path === '/logs'
      ? []
      : [
          {
            name: 'Idempotency-Key',
            in: 'header' as const,
            required: false,
            schema: { type: 'string', maxLength: limits.idempotencyKeyCharactersMax },
          },
        ];
  if (!(route.query instanceof z.ZodObject)) return [...inPath, ...inHeader];
  // The output side: a query's numbers arrive as text and are described as the numbers that they become.
  const { properties } = jsonSchema(route.query, 'output', components);
  const inQuery = Object.entries(schemaOf(properties)).map(([name, schema]) => ({
    name,
    in: 'query' as const,
    required: false,
    schema: schemaOf(schema),
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function contentOf(response: Route['response'], components: Map<string, JsonSchema>) {
  if ('schema' in response) return { content: json(jsonSchema(response.schema, 'output', components)) };
  if ('html' in response) return { content: { 'text/html': { schema: { type: 'string' } } } };
  return {};
}

/** What each kind of route can be refused with, and what the route itself adds. */
function refusalsOf(route: Route): readonly number[] {
  const statuses = new Set([400, 413, 414, 415, 500, 503, ...(route.refusals ?? [])]);
  if (route.public === undefined) statuses.add(401);
  if (route.path.includes(':id')) statuses.add(404);
  return [...statuses].sort((one, other) => one - other);
}

function refusalResponses(components: Map<string, JsonSchema>): Record<string, Response> {
  const content = json(jsonSchema(errorBodySchema, 'output', components));
  return Object.fromEntries(
    Object.values(refusalTable).map(({ status, error }) => [status, { description: error, content }]),
  );
}

function json(schema: JsonSchema): Content {
  return { 'application/json': { schema } };
}

/** Schemas with an id move into `components` and are referred to; a body and a response never share one. */
function jsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Map<string, JsonSchema>,
): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override: ({ jsonSchema: node }) => {
      // Clients ignore keys they do not know, so a schema must not forbid the ones that may come later.
      if (node.additionalProperties === false) delete node.additionalProperties;
      // Long, and said by the format already.
      if (node.format === 'date-time' || node.format === 'uuid') delete node.pattern;
    },
  });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _, $defs: definitions, ...rest } = schemaOf(JSON.parse(text));
  for (const [name, definition] of Object.entries(schemaOf(definitions ?? {}))) {
    components.set(name, schemaOf(definition));
  }
  return rest;
}

function schemaOf(value: unknown): JsonSchema {
  assert(typeof value === 'object' && value !== null, 'a JSON Schema is an object');
  return { ...value };
}
