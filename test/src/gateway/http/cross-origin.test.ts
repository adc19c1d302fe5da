/** Which hosts and origins are answered, and the cross-origin headers on every kind of response. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { type RunningGateway, refusedUpgrade, runGateway } from '../running-gateway.ts';

const [listed, other] = ['https://app.example:8443', 'https://other.example'];
let keyed: RunningGateway;
let open: RunningGateway;
beforeAll(async () => {
  const allowedOrigins = [listed, 'https://*.apps.example'];
  keyed = await runGateway({ apiKeys: ['k'], allowedOrigins });
  open = await runGateway({ allowedOrigins, allowedHosts: ['callboard.example'] });
});
afterAll(() => Promise.all([keyed.gateway.close(), open.gateway.close()]));

type Answer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly message: unknown;
};

/** A request with these headers exactly, `Host` included, which `fetch` does not allow. */
function ask(
  { port }: RunningGateway,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => {
        const isJson = String(response.headers['content-type']).startsWith('application/json');
        const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
        const message =
          typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, message });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const preflight = {
  'access-control-request-method': 'PATCH',
  'access-control-request-headers': 'content-type,x-api-key',
};

describe('with keys', () => {
  it.each([
    ['200', 'GET', '/health'],
    ['200', 'HEAD', '/health'],
    ['401', 'GET', '/config'],
    ['404', 'GET', '/nowhere'],
    ['400', 'POST', '/chat-sessions'],
    ['414', 'GET', `/${'a'.repeat(5000)}`],
  ])(
    '[CORS1] a %s echoes the origin, and allows credentials to one that is listed',
    async (status, method, path) => {
      for (const origin of [listed, 'https://one.apps.example', other, 'null']) {
        const response = await keyed.request(path, {
          method,
          headers: { origin, 'content-type': 'application/json' },
          ...(method === 'POST' ? { body: '{' } : {}),
        });
        expect(String(response.status)).toBe(status);
        expect(response.headers.get('access-control-allow-origin')).toBe(origin);
        const isListed = origin !== other && origin !== 'null';
        expect(response.headers.get('access-control-allow-credentials')).toBe(isListed ? 'true' : null);
        expect(response.headers.get('vary')).toBe('Origin');
      }
    },
  );

  it('[CORS1] a refused upgrade does so too', async () => {
    const { headers } = await refusedUpgrade(keyed.port, '/config', { headers: { origin: other } });
    expect(headers).toMatchObject({ 'access-control-allow-origin': other, vary: 'Origin' });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const allowed = await refusedUpgrade(keyed.port, '/config', { headers: { origin: listed } });
    expect(allowed.headers).toMatchObject({ 'access-control-allow-credentials': 'true' });
  });

  it('[CORS2] a preflight allows the methods and the headers that are asked for, on any path', async () => {
    for (const path of ['/chat-sessions', '/nowhere']) {
      for (const origin of [listed, other]) {
        const { status, headers } = await ask(keyed, 'OPTIONS', path, { origin, ...preflight });
        expect(status).toBe(204);
        expect(headers).toMatchObject({
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
          'access-control-allow-headers': 'content-type,x-api-key',
          vary: 'Origin, Access-Control-Request-Headers',
        });
        expect(headers['access-control-allow-credentials']).toBe(origin === listed ? 'true' : undefined);
      }
    }
  });

  it('[CORS4] any host is answered', async () => {
    expect((await ask(keyed, 'GET', '/config', { host: 'evil.example', 'x-api-key': 'k' })).status).toBe(200);
  });
});

it('[CORS3] without an origin nothing is allowed, but caches still learn that it matters', async () => {
  for (const running of [keyed, open]) {
    const response = await running.request('/health');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toBe('Origin');
  }
});

describe('without keys', () => {
  it('[CORS4] only names of this machine and allowed hosts are answered, with any port', async () => {
    const answered = [
      'localhost',
      'LOCALHOST:1',
      'a.b.localhost:80',
      '127.0.0.1',
      '127.255.3.4:5',
      '[::1]',
      '[::1]:9',
    ];
    for (const host of [...answered, 'callboard.example', 'Callboard.Example:8080']) {
      expect([host, (await ask(open, 'GET', '/config', { host })).status]).toEqual([host, 200]);
    }
    const evil = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'xlocalhost',
      '0.0.0.0',
      '128.0.0.1',
    ];
    const odd = [
      'x.callboard.example',
      '[::]',
      '[::ffff:127.0.0.1]',
      'evil.example@localhost',
      'localhost/',
      'a b',
      'localhost#',
    ];
    for (const host of [...evil, ...odd]) {
      const { status, message } = await ask(open, 'GET', '/config', { host });
      expect([host, status]).toEqual([host, 403]);
      expect(message).toContain('allowedHosts');
    }
  });

  it('[CORS4] health is answered under any name, and nothing else is', async () => {
    const host = 'evil.example';
    for (const path of ['/health', '/health/', '/health/ready']) {
      expect((await ask(open, 'GET', path, { host })).status).toBe(200);
    }
    for (const path of ['/', '/nowhere', '/healthy', '/openapi', '/chat-sessions/health', '/events']) {
      expect((await ask(open, 'GET', path, { host })).status).toBe(403);
    }
    expect(
      (await ask(open, 'OPTIONS', '/config', { host, origin: 'http://evil.example', ...preflight })).status,
    ).toBe(403);
    expect((await refusedUpgrade(open.port, '/logs', { headers: { host } })).status).toBe(403);
  });

  const host = 'localhost:3000';
  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ['another port of this machine', { origin: 'http://localhost:3001' }],
    ['another name of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['another site', { origin: other }],
    ['the domain of a wildcard', { origin: 'https://apps.example' }],
    ['another scheme', { origin: 'http://app.example:8443' }],
    ['no origin of its own', { origin: 'null' }],
    ['an unnamed one of the same site', { 'sec-fetch-site': 'same-site' }],
    ['an unnamed one of another site', { 'sec-fetch-site': 'cross-site' }],
    ['its own in name only', { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' }],
  ];

  it.each(refused)('[CORS5] a page of %s is refused, whatever it asks for', async (_name, headers) => {
    for (const [method, path] of [
      ['GET', '/config'],
      ['POST', '/logs'],
      ['DELETE', '/nowhere'],
      ['GET', '/events'],
      ['GET', '/health'],
      ['OPTIONS', '/config'],
    ] as const) {
      const answer = await ask(open, method, path, {
        host,
        ...headers,
        ...(method === 'OPTIONS' ? preflight : {}),
      });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(answer.message).toContain('"allowedOrigins"');
      // [CORS3]
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.headers).not.toHaveProperty('access-control-allow-methods');
    }
    for (const path of ['/chat-sessions', '/live']) {
      expect((await refusedUpgrade(open.port, path, { headers: { host, ...headers } })).status).toBe(403);
    }
  });

  it.each([
    ['of the server itself', { origin: 'http://LOCALHOST:3000', 'sec-fetch-site': 'same-origin' }, false],
    ['of an allowed origin', { origin: listed, 'sec-fetch-site': 'cross-site' }, true],
    ['below a wildcard', { origin: 'https://a.b.apps.example' }, true],
  ] as const)('[CORS5] a page %s is answered', async (_name, headers, isListed) => {
    const answer = await ask(open, 'GET', '/config', { host, ...headers });
    expect(answer.status).toBe(200);
    // To a browser, answers of its own origin need no permission.
    expect(answer.headers['access-control-allow-origin']).toBe(isListed ? headers.origin : undefined);
    expect(answer.headers['access-control-allow-credentials']).toBe(isListed ? 'true' : undefined);
    expect((await ask(open, 'OPTIONS', '/config', { host, ...headers, ...preflight })).status).toBe(204);
  });

  it('[CORS5] a request that no page made is answered', async () => {
    for (const headers of [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }]) {
      expect((await ask(open, 'GET', '/config', { host, ...headers })).status).toBe(200);
    }
  });

  it('[CORS6] a link of another site leads to pages, and nothing but a link does', async () => {
    const link = {
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await ask(open, 'GET', '/openapi', link)).status).toBe(200);
    // Without pages, it leads to nothing.
    expect((await ask(open, 'GET', '/', link)).status).toBe(404);
    expect((await ask(open, 'GET', '/config', link)).status).toBe(403);
    expect((await ask(open, 'POST', '/openapi', link)).status).toBe(403);
    expect((await ask(open, 'GET', '/openapi', { ...link, host: 'evil.example' })).status).toBe(403);
    expect((await ask(open, 'GET', '/openapi', { ...link, origin: other })).status).toBe(403);
    for (const instead of [{ 'sec-fetch-dest': 'iframe' }, { 'sec-fetch-mode': 'no-cors' }]) {
      expect((await ask(open, 'GET', '/openapi', { ...link, ...instead })).status).toBe(403);
    }
  });

  it('[CORS7] a refusal names the line to add to the config', async () => {
    const message = async (headers: Record<string, string>) =>
      (await ask(open, 'GET', '/config', { host, ...headers })).message;
    expect(await message({ origin: 'http://localhost:5173' })).toContain(
      '"allowedOrigins": ["http://localhost:5173"]',
    );
    expect(await message({ host: 'Laptop.local:3000' })).toContain('"allowedHosts": ["laptop.local"]');
    expect(await message({ origin: `http://${'a'.repeat(5000)}` })).toHaveLength(
      String(await message({ origin: `http://${'a'.repeat(4000)}` })).length,
    );
  });

  it('[CORS7] the log tells each refusal once, and not without end', async () => {
    const fresh = await runGateway();
    const warnings = () =>
      fresh.log.lines.filter(([level, text]) => level === 'warn' && /allowedOrigins/.test(text));
    for (let turn = 0; turn < 2; turn++) await ask(fresh, 'GET', '/config', { host, origin: other });
    expect(warnings()).toHaveLength(1);
    for (let port = 1; port < 2 * limits.refusedOriginsLogged; port++) {
      await ask(fresh, 'GET', '/config', { host, origin: `${other}:${port}` });
    }
    expect(warnings()).toHaveLength(limits.refusedOriginsLogged);
    await fresh.gateway.close();
  });

  it('[CORS5] keys for inspectors alone are keys: the server is not open', async () => {
    const inspected = await runGateway({ inspectKeys: ['inspecting'] });
    expect((await ask(inspected, 'GET', '/config', { host, origin: other })).status).toBe(401);
    expect((await ask(inspected, 'GET', '/config', { host: 'any.example' })).status).toBe(401);
    await inspected.gateway.close();
  });
});
