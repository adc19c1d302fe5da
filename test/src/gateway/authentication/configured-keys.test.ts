/** API keys, on REST and on upgrades, through real sockets. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scopes } from '../../../../schema/principal.ts';
import { baselineNamespaces } from '../../../../schema/wire-event-table.ts';
import {
  type ConfiguredKeys,
  configuredKeys,
  narrowedKeys,
} from '../../../../src/gateway/authentication/configured-keys.ts';
import { at, sessionId } from '../fake-services.ts';
import { Client, type RunningGateway, refusedUpgrade, runGateway } from '../running-gateway.ts';

const keys = ['first-key', 'ключ of unusual letters & = +'];
const [key = '', unusual = ''] = keys;
let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway({ apiKeys: keys });
});
afterAll(() => running.gateway.close());

const places: [place: string, query: string, headers: Record<string, string>][] = [
  ['x-api-key', '', { 'x-api-key': key }],
  ['api-key', '', { 'api-key': key }],
  ['Authorization', '', { authorization: `Bearer ${key}` }],
  ['Authorization, in other letters', '', { authorization: `bearer  ${key}` }],
  ['?apiKey', `?apiKey=${key}`, {}],
  ['?api_key', `?x=1&api_key=${key}`, {}],
  ['?apiKey, encoded', `?apiKey=${encodeURIComponent(unusual)}`, {}],
  ['one of several places', `?apiKey=wrong`, { 'x-api-key': key, authorization: 'Basic abc' }],
];

it.each(places)('[AUTH2] a key is taken from %s, on REST and on upgrades', async (_place, query, headers) => {
  expect((await running.request(`/chat-sessions${query}`, { headers })).status).toBe(200);
  // The client library has no way to set headers but this option.
  const { default: WebSocket } = await import('ws');
  const client = new Client(new WebSocket(`ws://127.0.0.1:${running.port}/traces${query}`, { headers }));
  await new Promise((resolve) => client.socket.once('open', resolve));
  client.socket.close();
  await client.closed;
});

const wrong: [what: string, query: string, headers: Record<string, string>][] = [
  ['none', '', {}],
  ['an empty one', '?apiKey=', { 'x-api-key': '', authorization: 'Bearer ' }],
  ['a wrong one', '?apiKey=second-key', {}],
  ['the beginning of one', '', { 'x-api-key': key.slice(0, -1) }],
  ['one in other letters', '', { 'x-api-key': key.toUpperCase() }],
  ['one without its scheme', '', { authorization: key }],
  ['one with another scheme', '', { authorization: `Basic ${key}` }],
  ['one in an unknown place', `?key=${key}`, { key }],
];

it.each(wrong)('[AUTH1] [AUTH3] with %s, REST and upgrades answer 401', async (_what, query, headers) => {
  const body = (path: string) => ({
    statusCode: 401,
    timestamp: at,
    path,
    message: 'Invalid or missing API key',
    details: { error: 'Unauthorized', statusCode: 401 },
  });
  const path = `/chat-sessions${query}`;
  const response = await running.request(path, { headers });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await response.json()).toEqual(body(path));
  const upgrade = await refusedUpgrade(running.port, path, { headers });
  expect(upgrade).toMatchObject({ status: 401, body: body(path) });
});

it('[AUTH1] no route but the public ones answers without a key', async () => {
  const one = `/chat-sessions/${sessionId}`;
  for (const [method, path] of [
    ['GET', '/chat-sessions'],
    ['GET', one],
    ['GET', `${one}/messages`],
    ['GET', '/traces'],
    ['GET', `/traces/${sessionId}`],
    ['GET', '/config'],
    ['GET', '/logs'],
    ['HEAD', '/logs'],
    ['POST', '/logs'],
    ['PATCH', `${one}/archive`],
    ['DELETE', one],
  ] as const) {
    const response = await running.request(path, { method });
    expect([method, path, response.status]).toEqual([method, path, 401]);
  }
  expect(running.services.calls.filter(([name]) => name !== 'sessions')).toEqual([]);
});

it('[AUTH3] every namespace refuses an upgrade without a key', async () => {
  for (const namespace of baselineNamespaces) {
    expect((await refusedUpgrade(running.port, `/${namespace}`)).status).toBe(401);
  }
});

it('[AUTH4] health, the documents and preflights need no key', async () => {
  for (const path of ['/health', '/health/ready', '/health/', '/openapi.json', '/openapi', '/sign-in']) {
    expect([path, (await running.request(path)).status]).toEqual([path, 200]);
  }
  expect((await running.request('/chat-sessions', { method: 'OPTIONS' })).status).toBe(204);
});

it('[AUTH5] an empty key cannot be configured', () => {
  expect(() => configuredKeys({ apiKeys: ['good', ''] })).toThrow(RangeError);
});

it('[AUTH5] keys of any length are compared', () => {
  const keys = configuredKeys({ apiKeys: ['a'.repeat(1000), 'b'] });
  const given = (text: string) => keys.judge(text) !== undefined;
  expect(['a'.repeat(1000), 'b', 'a'.repeat(999), 'ab', ''].map(given)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

describe('the principal of a key', () => {
  const principalOf = (configured: ConfiguredKeys, key: string) => {
    const judged = configuredKeys(configured).judge(key);
    return judged?.ok === true ? judged.value.principal : undefined;
  };
  const scopesOf = (configured: ConfiguredKeys, key: string) => {
    const known = principalOf(configured, key);
    return known === undefined ? 'nobody' : [...known.scopes].toSorted();
  };

  it('[AUTH6] has every scope when it is the only key and says none', () => {
    expect(scopesOf({ apiKeys: ['one'] }, 'one')).toEqual([...scopes].toSorted());
    expect(narrowedKeys({ apiKeys: ['one'] })).toBe(0);
    expect(scopesOf({ apiKeys: [{ key: 'one', scopes: ['read'] }] }, 'one')).toEqual(['read']);
  });

  it('[AUTH6] has `chat` beside other keys, and those of `inspectKeys` can inspect and see all sessions', () => {
    const configured = {
      apiKeys: ['one', { key: 'two', name: 'Two', scopes: ['chat', 'config'] as const }],
      inspectKeys: ['three'],
    };
    expect(scopesOf(configured, 'one')).toEqual(['chat']);
    expect(scopesOf(configured, 'two')).toEqual(['chat', 'config']);
    expect(scopesOf(configured, 'three')).toEqual(['chat', 'inspect', 'sessions:all']);
    expect(scopesOf(configured, 'four')).toBe('nobody');
    expect(narrowedKeys(configured)).toBe(1);
  });

  it('[AUTH7] is another one for each key, always the same, and does not show the key', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (keys) => {
        const ids = keys.map((key) => {
          return principalOf({ apiKeys: keys }, key)?.id ?? '';
        });
        expect(new Set(ids).size).toBe(keys.length);
        for (const [index, id] of ids.entries()) {
          expect(id).toMatch(/^key:[\w-]{22}$/);
          const alone = principalOf({ apiKeys: [keys[index] ?? ''] }, keys[index] ?? '');
          expect(alone?.id).toBe(id);
        }
      }),
    );
  });
});
