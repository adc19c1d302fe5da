/** The OpenAPI document and its page: both must match the route table. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { exampleOf } from '../../../../schema/wire/examples.ts';
import { openApiDocument } from '../../../../src/gateway/api-documents/openapi.ts';
import { openApiPage } from '../../../../src/gateway/api-documents/openapi-page.ts';
import { routes } from '../../../../src/gateway/routes/route-table.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());

const document = openApiDocument(routes);

it('[HTTP14] describes every route, and is served as JSON', async () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    routes.map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`).sort(),
  );
  const response = await running.request('/openapi.json');
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
});

it('[HTTP14] every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(50);
  const { schemas, responses } = document.components;
  const targets = new Set([
    ...Object.keys(schemas).map((name) => `schemas/${name}`),
    ...Object.keys(responses).map((name) => `responses/${name}`),
  ]);
  for (const [, kind, name] of references) expect(targets).toContain(`${kind}/${name}`);
  expect(JSON.stringify(document)).not.toContain('$defs');
});

it('[HTTP14] bounds and kinds come from the schemas that validate', () => {
  const { schemas } = document.components;
  expect(schemas['CreateChatSession']).toMatchObject({
    required: ['title'],
    properties: { title: { type: 'string', minLength: 1, maxLength: 120 } },
  });
  expect(document.paths['/logs']?.['get']?.parameters).toEqual([
    {
      name: 'offset',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ type: 'integer', default: 0 }),
      example: 0,
    },
    {
      name: 'limit',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ minimum: 1, default: 50 }),
      example: 50,
    },
  ]);
  expect(document.paths['/chat-sessions/{id}']?.['delete']?.responses['204']).toEqual({
    description: 'It is gone.',
  });
  expect(document.paths['/health']?.['get']?.security).toEqual([]);
});

it('[HTTP14] the page shows every route, runs nothing and asks nobody', async () => {
  const response = await running.request('/openapi');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
  const html = await response.text();
  for (const path of Object.keys(document.paths)) expect(html).toContain(`<code>${path}</code>`);
  // An example is an address, as text.
  const rest = html.replaceAll('https://example.org', '');
  expect(rest).not.toMatch(/<script|\son\w+=|https?:\/\/|<link|<img|@import|url\(/i);
});

it('[HTTP14] the page escapes what it shows', () => {
  const html = openApiPage({ ...document, info: { ...document.info, title: '<b>&"' } });
  expect(html).toContain('<h1>&lt;b&gt;&amp;&quot; API</h1>');
  expect(html).not.toContain('<b>');
});

it('[DOC2] keeps to OpenAPI 3.1, as an independent validator checks it', async () => {
  const given: Record<string, unknown> = JSON.parse(JSON.stringify(document));
  const validator = new Validator();
  expect(await validator.validate({ ...given })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  validator.resolveRefs();
  // Shows that this check can fail.
  const wrong = { ...given, paths: { '/x': { get: { responses: 7 } } } };
  expect((await new Validator().validate(wrong)).valid).toBe(false);
});

it('[DOC3] has an example for every body, answer and parameter, which its schema accepts', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'document', components: document.components });
  const inDocument = (schema: object): object =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'));
  let checked = 0;
  const check = (where: string, shown: { readonly schema: object; readonly example?: unknown }) => {
    const valid = ajv.compile(inDocument(shown.schema));
    expect(shown.example, where).toBeDefined();
    expect(valid(shown.example) ? '' : ajv.errorsText(valid.errors), where).toBe('');
    checked++;
  };
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { parameters = [], requestBody, responses }] of Object.entries(methods)) {
      const where = `${method} ${path}`;
      for (const parameter of parameters) check(`${where} ${parameter.name}`, parameter);
      for (const media of Object.values(requestBody?.content ?? {})) check(`${where} body`, media);
      for (const [status, response] of Object.entries(responses)) {
        if ('$ref' in response) continue;
        for (const media of Object.values(response.content ?? {})) check(`${where} ${status}`, media);
      }
    }
  }
  for (const [status, { content }] of Object.entries(document.components.responses)) {
    for (const media of Object.values(content ?? {})) check(status, media);
    expect(content?.['application/json']?.example).toMatchObject({ statusCode: Number(status) });
  }
  expect(checked).toBeGreaterThan(50);
  // Checks with the validating schemas as well.
  for (const { body, response } of routes) {
    expect(body.safeParse(body instanceof z.ZodObject ? exampleOf(body) : {}).success).toBe(true);
    if ('schema' in response) {
      expect(response.schema.safeParse(exampleOf(response.schema)).error).toBeUndefined();
    }
  }
});
