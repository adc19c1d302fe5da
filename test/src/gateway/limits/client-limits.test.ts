/** Limits of addresses and principals through real sockets; clients of other addresses come through a trusted proxy. */
import { afterEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { Clock } from '../../../../actors/ports.ts';
import { callboardV1Subprotocol } from '../../../../schema/wire/callboard-v1-frame.ts';
import type { ClientAddress } from '../../../../src/gateway/http/client-address.ts';
import { type ClientLimitSettings, noClientLimits } from '../../../../src/gateway/limits/client-limits.ts';
import { LimitRefusals, type RefusedByLimit } from '../../../../src/gateway/limits/limit-refusals.ts';
import { sessionId } from '../fake-services.ts';
import { fixedClock, type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway | undefined;
afterEach(async () => {
  await running?.gateway.close();
  running = undefined;
});

async function limited(settings: Partial<ClientLimitSettings>) {
  const limitRefusals = new LimitRefusals(fixedClock);
  const lines: RefusedByLimit[] = [];
  limitRefusals.onLine((line) => lines.push(line));
  const gateway = await runGateway({
    apiKeys: ['one', 'two'],
    trustedProxies: ['127.0.0.1'],
    clientLimits: () => ({ ...noClientLimits, ...settings }),
    limitRefusals,
  });
  running = gateway;
  const ask = async (key: string, from: string, path = '/chat-sessions', init: RequestInit = {}) => {
    const headers = { 'x-api-key': key, 'x-forwarded-for': from, ...init.headers };
    const response = await gateway.request(path, { ...init, headers });
    await response.arrayBuffer();
    return response;
  };
  return { ...gateway, ask, lines, limitRefusals };
}

async function socket(
  { port }: RunningGateway,
  key: string,
  { from = '192.0.2.1', path = '/chat-sessions', protocols = [] as string[] } = {},
): Promise<WebSocket | number | undefined> {
  const headers = { 'x-forwarded-for': from, 'x-api-key': key };
  const opened = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  return await new Promise((resolve) => {
    opened.once('open', () => resolve(opened));
    opened.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    opened.on('error', () => {});
  });
}

it('[LIM20] [LIM21] an address has its requests, whoever makes them, and another address has its own', async () => {
  const { ask, request, lines, limitRefusals } = await limited({ addressRequestsPerMinuteMax: 3 });
  for (const key of ['one', 'two', 'wrong']) expect((await ask(key, '192.0.2.1')).status).not.toBe(429);
  const refused = await request('/health', { headers: { 'x-forwarded-for': '10.9.9.9, 192.0.2.1' } });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({
    code: 'requests_per_address',
    retryable: true,
    retryAfterMs: expect.any(Number),
    message: 'More than 3 requests in a minute came from your address',
  });
  expect((await ask('one', '192.0.2.2')).status).toBe(200);
  limitRefusals.tell();
  const client = { of: 'address', address: '192.0.2.1' };
  const since = fixedClock.now();
  expect(lines).toEqual([
    // A wrong key was refused before.
    { kind: 'failed_logins', client, count: 1, since },
    { kind: 'requests_per_address', client, count: 1, since },
  ]);
});

it('[LIM23] a principal has its requests, from all its addresses together', async () => {
  const { ask } = await limited({ principalRequestsPerMinuteMax: 2 });
  const statuses = [];
  for (const from of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) statuses.push((await ask('one', from)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await ask('two', '192.0.2.1')).status).toBe(200);
});

it('[LIM22] after too many wrong keys no key of that address is looked at; other addresses are not affected', async () => {
  const { ask, limitRefusals } = await limited({ addressFailedLoginsPerMinuteMax: 3 });
  // A request without any key is no login.
  for (let count = 0; count < 5; count++) expect((await ask('', '192.0.2.1')).status).toBe(401);
  for (let count = 0; count < 3; count++) expect((await ask('wrong', '192.0.2.1')).status).toBe(401);
  for (const key of ['wrong', 'one']) expect((await ask(key, '192.0.2.1')).status).toBe(429);
  expect((await ask('one', '192.0.2.2')).status).toBe(200);
  if (running === undefined) expect.fail();
  expect(await socket(running, 'one', { from: '192.0.2.1' })).toBe(429);
  // Those that were wrong, and those that were not looked at.
  expect(limitRefusals.refusedByLimit().failed_logins).toBe(3 + 3);
});

it('[LIM23] commands are counted over REST and over both kinds of sockets together', async () => {
  const { ask } = await limited({ principalCommandsPerMinuteMax: 3 });
  if (running === undefined) expect.fail();
  const post = { method: 'POST', body: '{"title":"t"}', headers: { 'content-type': 'application/json' } };
  expect((await ask('one', '192.0.2.1', '/chat-sessions', post)).status).toBe(201);
  const message = { sessionId, message: { role: 'user', content: 'hello' } };
  const answers: unknown[] = [];
  for (const protocols of [[], [callboardV1Subprotocol]]) {
    const opened = await socket(running, 'one', { protocols });
    if (!(opened instanceof WebSocket)) expect.fail();
    const told = new Promise((resolve) => {
      opened.on('message', (data) => {
        const frame = JSON.parse(String(data));
        if (frame.event === 'exception') resolve(frame.data);
      });
    });
    for (const id of [1, 2, 3]) opened.send(JSON.stringify({ event: 'message.send', data: message, id }));
    answers.push(await told);
    opened.close();
  }
  const refused = { code: 'commands_per_principal', retryable: true, retryAfterMs: expect.any(Number) };
  // The first command was the request, so the third frame of the first socket is the fourth.
  expect(answers).toEqual([
    expect.objectContaining({ ...refused, id: 3 }),
    expect.objectContaining({ ...refused, id: 1 }),
  ]);
  expect((await ask('one', '192.0.2.1', '/chat-sessions', post)).status).toBe(429);
  expect((await ask('one', '192.0.2.1')).status).toBe(200);
  expect((await ask('two', '192.0.2.1', '/chat-sessions', post)).status).toBe(201);
});

it('[LIM24] a principal and an address have their sockets, SSE streams among them, and get new ones for closed ones', async () => {
  await limited({ principalSocketsMax: 2, addressSocketsMax: 3 });
  if (running === undefined) expect.fail();
  const events = new AbortController();
  const stream = await running.request('/events', {
    headers: { 'x-api-key': 'one', 'x-forwarded-for': '192.0.2.1' },
    signal: events.signal,
  });
  expect(stream.status).toBe(200);
  const first = await socket(running, 'one', { from: '192.0.2.2' });
  expect(await socket(running, 'one', { from: '192.0.2.3' })).toBe(429);
  const others = [await socket(running, 'two'), await socket(running, 'two')];
  expect(others.every((other) => other instanceof WebSocket)).toBe(true);
  expect(await socket(running, 'two', { from: '192.0.2.4' })).toBe(429);
  if (!(first instanceof WebSocket)) expect.fail();
  first.close();
  await new Promise((resolve) => first.once('close', resolve));
  expect(await socket(running, 'one', { from: '192.0.2.1' })).toBe(429);
  expect(await socket(running, 'one', { from: '192.0.2.9' })).toBeInstanceOf(WebSocket);
  events.abort();
});

it('`local` is counted by address alone', async () => {
  const gateway = await runGateway({
    clientLimits: () => ({
      ...noClientLimits,
      principalRequestsPerMinuteMax: 1,
      addressRequestsPerMinuteMax: 3,
    }),
  });
  running = gateway;
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await gateway.request('/chat-sessions')).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

it('[LIM29] refusals are told once a minute, in one line for each kind and client, and a bounded number of lines', () => {
  let later = () => {};
  const clock: Pick<Clock, 'now' | 'after'> = {
    now: () => 0,
    after: (_delay, run) => {
      later = run;
      return () => {};
    },
  };
  const refusals = new LimitRefusals(clock, 3);
  const lines: RefusedByLimit[] = [];
  refusals.onLine((line) => lines.push(line));
  for (let count = 0; count < 10; count++) {
    const address = `192.0.2.${count}` as ClientAddress;
    for (let again = 0; again < 5; again++) refusals.refused('failed_logins', { of: 'address', address });
  }
  expect(lines).toEqual([]);
  later();
  expect(lines.map(({ client, count }) => [client.of, count])).toEqual([
    ['address', 5],
    ['address', 5],
    ['address', 5],
    ['others', 35],
  ]);
  expect(refusals.refusedByLimit().failed_logins).toBe(50);
  lines.length = 0;
  refusals.tell();
  expect(lines).toEqual([]);
});

it('[LIM21] a proxy on this machine that nobody told of is not limited, and told of once', async () => {
  const gateway = await runGateway({
    apiKeys: ['one'],
    clientLimits: () => ({
      ...noClientLimits,
      addressRequestsPerMinuteMax: 3,
      addressFailedLoginsPerMinuteMax: 1,
      addressSocketsMax: 1,
    }),
  });
  running = gateway;
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  for (let count = 0; count < 9; count++) {
    const wrong = await gateway.request('/chat-sessions', { headers: { ...headers, 'x-api-key': 'wrong' } });
    expect(wrong.status).toBe(401);
  }
  for (let count = 0; count < 2; count++) expect(await socket(gateway, 'one')).toBeInstanceOf(WebSocket);
  const warned = gateway.log.lines.filter(([level]) => level === 'warn');
  expect(warned).toEqual([['warn', expect.stringContaining('trustedProxies'), undefined]]);
  const direct = { headers: { 'x-api-key': 'wrong' } };
  const statuses = [];
  for (let count = 0; count < 3; count++)
    statuses.push((await gateway.request('/chat-sessions', direct)).status);
  expect(statuses).toEqual([401, 429, 429]);
});
