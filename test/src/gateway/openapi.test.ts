/** The OpenAPI document and its page: both must say what the route table does. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/gateway/openapi.ts';
import { openApiPage } from '../../../src/gateway/openapi-page.ts';
import { routes } from '../../../src/gateway/route-table.ts';
import { type RunningGateway, runGateway } from './running-gateway.ts';

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
    routes.map((route) => `${route.method} ${route.path.replaceAll(':id', '{id}')}`).sort(),
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
    },
    {
      name: 'limit',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ minimum: 1, default: 50 }),
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
  expect(html).not.toMatch(/<script|\son\w+=|https?:\/\/|<link|<img|@import|url\(/i);
});

it('[HTTP14] the page escapes what it shows', () => {
  const html = openApiPage({ ...document, info: { ...document.info, title: '<b>&"' } });
  expect(html).toContain('<h1>&lt;b&gt;&amp;&quot; API</h1>');
  expect(html).not.toContain('<b>');
});
