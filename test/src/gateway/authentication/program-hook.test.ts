/**
 * Goal: the embedding program says who makes a request; when it cannot, the request is refused and never `local`'s
 * ([HOOK1]–[HOOK3]); and whoever may act as others does ([AUTH9]).
 */
import { afterEach, expect, it } from 'vitest';
import type { Principal } from '../../../../schema/principal.ts';
import { SessionAccesses } from '../../../../src/gateway/access/session-accesses.ts';
import { createAuthenticator } from '../../../../src/gateway/authentication/authenticator.ts';
import { configuredKeys } from '../../../../src/gateway/authentication/configured-keys.ts';
import { type AuthenticateHook, programHook } from '../../../../src/gateway/authentication/program-hook.ts';
import { jsonBody } from '../../../../src/gateway/http/http-exchange.ts';
import { servingRoute } from '../../../../src/gateway/http/route.ts';
import { allowedOrigin } from '../../../../src/origins/allowed-origin.ts';
import { type RunningGateway, recordingLog, refusedUpgrade, runGateway } from '../running-gateway.ts';

let running: RunningGateway | undefined;
afterEach(() => running?.gateway.close());

/** Tells who asks. */
const whoami = servingRoute({
  method: 'GET',
  path: '/whoami',
  summary: 'Tells the principal.',
  tag: 'test',
  response: { status: 204, description: 'The principal.' },
  serve: async (_, { exchange, principal }) =>
    exchange.answer({ status: 200, body: jsonBody(shown(principal)) }),
});
const shown = ({ id, tenant, scopes, sessions }: Principal) => ({
  id,
  tenant,
  scopes: [...scopes].toSorted(),
  sessions: sessions === null ? null : [...sessions],
});

async function start(hook: AuthenticateHook) {
  const trusted = allowedOrigin('https://trusted.example');
  if (trusted === undefined) throw new Error('it is an origin');
  let waiting: (() => void) | undefined;
  const clock = {
    after: (_: number, run: () => void) => {
      waiting = run;
      return () => {
        waiting = undefined;
      };
    },
  };
  const log = recordingLog();
  const authenticator = createAuthenticator({
    isOpen: () => false,
    kinds: [
      configuredKeys({
        apiKeys: [
          { key: 'back-end', scopes: ['chat', 'act-as', 'keys', 'sessions:all'], tenant: 'shop' },
          { key: 'ordinary', scopes: ['chat'] },
        ],
      }),
    ],
    program: programHook({ hook, allowedOrigins: [trusted], clock, log }),
  });
  running = await runGateway({
    authenticator,
    accesses: new SessionAccesses(async () => undefined),
    routes: [whoami],
  });
  const { request } = running;
  return { request, log, port: running.port, tooLate: () => waiting?.() };
}

it('[HOOK1] is asked about requests without keys, with path and all headers', async () => {
  const asked: object[] = [];
  const { request, port } = await start(({ method, path, headers }) => {
    asked.push({ method, path, cookie: headers['cookie'], own: headers['x-own'] });
    return headers['cookie'] === 'user=ada' ? { id: 'ada', tenant: 'shop', scopes: ['chat', 'logs'] } : null;
  });
  const ada = await request('/whoami?x=1', { headers: { cookie: 'user=ada', 'x-own': 'yes' } });
  expect(await ada.json()).toEqual({
    id: 'app:ada',
    tenant: 'shop',
    scopes: ['chat', 'logs'],
    sessions: null,
  });
  expect(asked).toEqual([{ method: 'GET', path: '/whoami?x=1', cookie: 'user=ada', own: 'yes' }]);
  expect((await request('/whoami', { headers: { cookie: 'user=eve' } })).status).toBe(401);
  expect((await request('/whoami', { headers: { 'x-api-key': 'ordinary' } })).status).toBe(200);
  expect(asked).toHaveLength(2);
  expect((await refusedUpgrade(port, '/chat-sessions')).status).toBe(401);
});

it.each<[string, AuthenticateHook]>([
  [
    'throws',
    () => {
      throw new Error('down');
    },
  ],
  ['rejects', async () => Promise.reject(new Error('down'))],
  ['names nobody that can be', () => ({ id: '' })],
  ['names too long an id', () => ({ id: 'x'.repeat(5000) })],
  ['gives unknown scopes', () => ({ id: 'ada', scopes: ['everything' as 'chat'] })],
  ['gives more than it may', () => ({ id: 'ada', isAdmin: true }) as { id: string }],
])('[HOOK2] a program that %s is 503', async (_, hook) => {
  const { request, port, log } = await start(hook);
  expect((await request('/whoami')).status).toBe(503);
  expect((await refusedUpgrade(port, '/chat-sessions')).status).toBe(503);
  expect(log.lines.some(([level]) => level === 'error')).toBe(true);
});

it('[HOOK2] a program that takes too long is 503, and is told to stop', async () => {
  const isStopped = Promise.withResolvers<void>();
  const { request, tooLate } = await start(
    ({ signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => isStopped.resolve());
        setImmediate(() => tooLate());
      }),
  );
  expect((await request('/whoami')).status).toBe(503);
  await isStopped.promise;
});

it('[HOOK3] cookies count for pages of the same origin and of allowed ones', async () => {
  const { request, port } = await start(() => ({ id: 'ada' }));
  const status = async (headers: Record<string, string>) => (await request('/whoami', { headers })).status;
  const cookie = 'user=ada';
  expect(await status({ cookie })).toBe(200);
  expect(await status({ cookie, origin: `http://127.0.0.1:${port}` })).toBe(200);
  expect(await status({ cookie, origin: 'https://trusted.example' })).toBe(200);
  expect(await status({ cookie, origin: 'https://evil.example' })).toBe(403);
  expect(await status({ cookie, origin: 'null' })).toBe(403);
  expect(await status({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ origin: 'https://evil.example' })).toBe(200);
});

it('[AUTH9] a trusted back end acts as others of its tenant, with no more than people have', async () => {
  const { request } = await start(() => null);
  const as = (key: string, id: string) =>
    request('/whoami', { headers: { 'x-api-key': key, 'x-callboard-act-as': id } });
  expect(await (await as('back-end', 'app:ada')).json()).toEqual({
    id: 'app:ada',
    tenant: 'shop',
    scopes: ['chat', 'read'],
    sessions: null,
  });
  expect((await as('ordinary', 'app:ada')).status).toBe(403);
  expect((await as('back-end', 'local')).status).toBe(400);
  expect((await as('back-end', 'operator')).status).toBe(400);
  expect((await as('back-end', '..')).status).toBe(400);
  // A back end that has lost the id of its user.
  expect((await as('back-end', '')).status).toBe(400);
  expect((await as('ordinary', '')).status).toBe(403);
  expect((await as('wrong', 'app:ada')).status).toBe(401);
});
