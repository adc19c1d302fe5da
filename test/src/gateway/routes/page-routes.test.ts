/** Pages over HTTP: who gets them, and with which headers. Method: a real gateway with invented pages. */
import { afterEach, describe, expect, it } from 'vitest';
import { compressed, webFile } from '../../../../src/pages/web-file.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

const csp = "default-src 'none'";
const text = '<!doctype html><title>Page</title>';
const page = webFile(await compressed(text), {
  path: '/',
  type: 'text/html; charset=utf-8',
  csp,
  isImmutable: false,
});
const pages = {
  find: async (path: string) => (path === '/' ? page : path === '/inspect' ? ('failed' as const) : undefined),
};

let running: RunningGateway;
afterEach(() => running.gateway.close());

describe('pages over HTTP', () => {
  it('[WEB1] need no key, and come with their policy, compressed', async () => {
    running = await runGateway({ apiKeys: ['secret'] }, pages);
    const response = await running.request('/', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(text);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-encoding': 'br',
      'content-security-policy': csp,
      'content-type': 'text/html; charset=utf-8',
      etag: page.etag,
      'x-content-type-options': 'nosniff',
    });
    expect(headers['vary']).toContain('Accept-Encoding');
    expect((await running.request('/chat-sessions')).status).toBe(401);
  });

  it('[WEB1] answer HEAD and what a browser has already', async () => {
    running = await runGateway({}, pages);
    const head = await running.request('/', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(text.length)]);
    const known = await running.request('/', { headers: { 'if-none-match': page.etag } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect((await running.request('/', { method: 'POST' })).status).toBe(404);
    expect((await running.request('/other')).status).toBe(404);
  });

  it('[WEB3] are a 500 when they cannot be built, and do not exist without any', async () => {
    running = await runGateway({}, pages);
    const failed = await running.request('/inspect');
    expect([failed.status, await failed.text()]).toEqual([
      500,
      expect.stringContaining('could not be built'),
    ]);
    expect((await running.request('/health')).status).toBe(200);
    await running.gateway.close();
    running = await runGateway();
    expect((await running.request('/')).status).toBe(404);
  });
});
