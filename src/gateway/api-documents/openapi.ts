/** The OpenAPI 3.1 document, made from the route table and the schemas that validate requests. */
import { z } from 'zod';
import { limits } from '../../../schema/limits.ts';
import { type RefusalCode, refusal, refusalTable, sessionNotFound } from '../../../schema/refusal.ts';
import { cursorSchema } from '../../../schema/wire/cursor.ts';
import { errorBody, errorBodySchema } from '../../../schema/wire/error-body.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';
import { exampleOf } from '../../../schema/wire/examples.ts';
import { none, type Route } from '../http/route.ts';
import { type JsonSchema, SchemaComponents, schemaOf } from './json-schema.ts';

export type Operation = {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly explode?: boolean;
    readonly schema: JsonSchema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
};
type Response = {
  readonly description: string;
  readonly headers?: Readonly<
    Record<string, { readonly description: string; readonly schema: JsonSchema; readonly example: unknown }>
  >;
  readonly content?: Content;
};

const retryAfterHeader = {
  'Retry-After': {
    description: 'When to try again at the earliest, seconds; absent where that cannot help.',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
};

/** By media type; there is one. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;

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
  const components = new SchemaComponents('draft-2020-12');
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
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
    components: { schemas: components.schemas(), responses, securitySchemes },
  };
}

function operation(route: Route, components: SchemaComponents): Operation {
  const parameters = parametersOf(route, components);
  return {
    summary: route.summary,
    tags: [route.tag],
    // Includes the empty requirement, because a server without configured keys asks for none.
    security: route.public ? [] : [{}, ...Object.keys(securitySchemes).map((name) => ({ [name]: [] }))],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBodyOf(route, components),
    responses: {
      [route.response.status]: {
        description: route.response.description,
        ...contentOf(route.response, components),
      },
      ...('bytes' in route.response
        ? Object.fromEntries(
            Object.entries(route.response.bytes).map(([status, description]) => [status, { description }]),
          )
        : {}),
      ...Object.fromEntries(
        refusalsOf(route).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

function requestBodyOf(route: Route, components: SchemaComponents): Pick<Operation, 'requestBody'> {
  if (route.takes?.form === 'bytes' && route.body === none) {
    // A schema without words stands for bytes, since OpenAPI 3.1.
    return {
      requestBody: { required: true, content: { '*/*': { schema: {}, example: 'It is twenty to five.' } } },
    };
  }
  if (route.body === none) return {};
  const content = json(components.describe(route.body, 'input'), exampleOf(route.body));
  return { requestBody: { required: true, content } };
}

function parametersOf(route: Route, components: SchemaComponents) {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    ...(name === 'name' && route.name !== undefined
      ? { schema: components.describe(route.name, 'input'), example: exampleOf(route.name) }
      : { schema: { type: 'string', format: 'uuid' }, example: exampleIdOf(route, name) }),
  }));
  const inHeader = headersOf(route).map(({ name, ...rest }) => ({
    name,
    in: 'header' as const,
    required: false,
    ...rest,
  }));
  if (!(route.query instanceof z.ZodObject)) return [...inPath, ...inHeader];
  // Uses the output schema: a query's numbers arrive as text and are described as numbers.
  const { properties } = components.describe(route.query, 'output');
  const examples = schemaOf(exampleOf(route.query));
  const inQuery = Object.entries(schemaOf(properties)).map(([name, given]) => {
    const schema = schemaOf(given);
    return {
      name,
      in: 'query' as const,
      required: false,
      // A list is one value, separated by commas.
      ...(schema['type'] === 'array' ? { explode: false } : {}),
      schema,
      example: examples[name],
    };
  });
  return [...inPath, ...inQuery, ...inHeader];
}

function exampleIdOf({ path }: Route, name: string): string {
  if (name === 'callId') return exampleIds.toolCall;
  if (name === 'messageId') return exampleIds.prompt;
  if (path.startsWith('/files')) return exampleIds.file;
  return path.startsWith('/traces') ? exampleIds.trace : exampleIds.session;
}

function headersOf(route: Route): { name: string; schema: JsonSchema; example: unknown }[] {
  if (route.handle === 'sse') {
    const schema = { type: 'string', description: 'A cursor, `<epoch>:<seq>`; wins over `since`.' };
    return [{ name: 'Last-Event-ID', schema, example: exampleOf(cursorSchema) }];
  }
  const own = (route.headers ?? []).map(({ name, says, example }) => ({
    name,
    schema: { type: 'string', description: says },
    example,
  }));
  if (route.method === 'GET' || route.method === 'PUT' || route.path === '/logs') return own;
  const schema = { type: 'string', maxLength: limits.idempotencyKeyCharactersMax };
  return [...own, { name: 'Idempotency-Key', schema, example: 'order-1742' }];
}

function contentOf(response: Route['response'], components: SchemaComponents) {
  if ('schema' in response) {
    return { content: json(components.describe(response.schema, 'output'), exampleOf(response.schema)) };
  }
  if ('sse' in response) {
    const { example } = response.sse;
    return { content: { 'text/event-stream': { schema: { type: 'string' }, example } } };
  }
  if ('bytes' in response) {
    return { content: { '*/*': { schema: {}, example: 'It is twenty to five.' } } };
  }
  if ('text' in response) {
    const types = Object.entries(response.text).map(([type, given]) => [
      type,
      typeof given === 'string'
        ? { schema: { type: 'string' }, example: given }
        : { schema: components.describe(given, 'output'), example: exampleOf(given) },
    ]);
    return { content: Object.fromEntries(types) };
  }
  if ('html' in response) {
    return { content: { 'text/html': { schema: { type: 'string' }, example: '<!doctype html>…' } } };
  }
  return {};
}

/** The errors that every route of this kind has, and the route's own. */
function refusalsOf(route: Route): readonly number[] {
  const statuses = new Set([400, 413, 414, 415, 429, 500, 503, ...(route.refusals ?? [])]);
  if (route.takes?.form === 'bytes' && route.body === none) statuses.delete(415);
  if (route.public === undefined) statuses.add(401);
  if (route.scope !== undefined || route.sameOrigin !== undefined) statuses.add(403);
  if (route.path.includes(':id')) statuses.add(404);
  return [...statuses].sort((one, other) => one - other);
}

function refusalResponses(components: SchemaComponents): Record<string, Response> {
  const schema = components.describe(errorBodySchema, 'output');
  const codes = Object.keys(refusalTable).filter(isRefusalCode);
  // Where several codes share a status, the first one is described.
  return Object.fromEntries(
    codes.toReversed().map((code) => {
      const { status, error } = refusalTable[code];
      const example = errorBody(refusal(code, refusalMessages[code] ?? error), {
        path: `/chat-sessions/${exampleIds.session}`,
        timestamp: '2026-11-23T04:40:00.000Z',
      });
      return [
        status,
        {
          description: error,
          ...(status === 429 || status === 503 ? { headers: retryAfterHeader } : {}),
          content: json(schema, example),
        },
      ];
    }),
  );
}

const refusalMessages: Partial<Readonly<Record<RefusalCode, string>>> = {
  bad_json: 'Body is not valid JSON',
  unauthorized: 'Invalid or missing API key',
  not_found: sessionNotFound(exampleIds.session).message,
};

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusalTable, code);
}

function json(schema: JsonSchema, example: unknown): Content {
  return { 'application/json': { schema, example } };
}
