/** Cross-origin headers on every kind of response. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningGateway, refusedUpgrade, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway({ apiKeys: ['k'] });
});
afterAll(() => running.gateway.close());

const origin = 'https://app.example:8443';

it.each([
  ['200', 'GET', '/health'],
  ['200', 'HEAD', '/health'],
  ['401', 'GET', '/config'],
  ['404', 'GET', '/nowhere'],
  ['400', 'POST', '/chat-sessions'],
  ['414', 'GET', `/${'a'.repeat(5000)}`],
])('[CORS1] a %s echoes the origin and allows credentials', async (status, method, path) => {
  const response = await running.request(path, {
    method,
    headers: { origin, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{' } : {}),
  });
  expect(String(response.status)).toBe(status);
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  expect(response.headers.get('access-control-allow-credentials')).toBe('true');
  expect(response.headers.get('vary')).toBe('Origin');
});

it('[CORS1] a refused upgrade does so too', async () => {
  const { headers } = await refusedUpgrade(running.port, '/config', { headers: { origin } });
  expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
});

it('[CORS2] a preflight allows the methods and the headers that are asked for, on any path', async () => {
  for (const path of ['/chat-sessions', '/nowhere']) {
    const response = await running.request(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'content-type,x-api-key',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('access-control-allow-methods')).toBe('GET,HEAD,PUT,PATCH,POST,DELETE');
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type,x-api-key');
    expect(response.headers.get('vary')).toBe('Origin, Access-Control-Request-Headers');
  }
});

it('[CORS3] without an origin nothing is allowed, but caches still learn that it matters', async () => {
  const response = await running.request('/health');
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  expect(response.headers.get('vary')).toBe('Origin');
});
