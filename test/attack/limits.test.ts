/**
 * Goal: no client locks others out ([LIM20]–[LIM27]). Method: a real server with keys; one key takes all the sockets, turns
 * and commands that it gets, or guesses keys, from its own addresses; a well-behaved client beside it, which comes later,
 * does all the while what people do, and is never refused.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import { limits } from '../../schema/limits.ts';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { effort } from '../effort.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const good = { key: 'key-of-the-good', from: '192.0.2.1' };
const bad = { key: 'key-of-the-bad', from: '198.51.100.9' };
type Client = typeof good;

let server: ServerProcess | undefined;
let remove = async () => {};
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server?.end();
  server = undefined;
  await remove();
});

async function start(config: object): Promise<void> {
  const folder = await temporaryFolder();
  remove = () => folder.remove();
  await writeFile(
    join(folder.path, 'callboard.config.json'),
    JSON.stringify({
      apiKeys: [good.key, bad.key],
      trustedProxies: ['127.0.0.1'],
      shutdownGraceMs: 0,
      ...config,
    }),
  );
  server = await startServer({ dataFolder: folder.path });
}

function headersOf({ key, from }: Client): Record<string, string> {
  // What the client itself claims counts for nothing: the proxy's address is the last.
  return { 'x-api-key': key, 'x-forwarded-for': `203.0.113.77, ${from}` };
}

async function ask(client: Client, method: string, path: string, body?: object) {
  const response = await fetch(`${server?.url}${path}`, {
    method,
    headers: { ...headersOf(client), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, body: text === '' ? null : JSON.parse(text), retryAfter };
}

/** The status of the refusal, or `open`. */
async function connect(client: Client): Promise<number | 'open'> {
  const url = `${server?.url.replace('http', 'ws')}/live`;
  const socket = new WebSocket(url, [callboardV1Subprotocol], { headers: headersOf(client) });
  sockets.push(socket);
  return await new Promise((resolve) => {
    socket.once('open', () => resolve('open'));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

/** What people do: a session, a question, its answer, a socket. */
async function isServedWell(): Promise<void> {
  const made = await ask(good, 'POST', '/chat-sessions', { title: 'good' });
  expect(made.status).toBe(201);
  const path = `/chat-sessions/${made.body.id}/messages`;
  const said = await ask(good, 'POST', path, { role: 'user', content: '[[tokens=2 delay=0]]' });
  expect(said.status).toBe(201);
  for (;;) {
    const listed = await ask(good, 'GET', path);
    expect(listed.status).toBe(200);
    const answer = listed.body.find(({ role }: { role: string }) => role === 'assistant');
    if (answer !== undefined && answer.status !== 'streaming') break;
  }
  expect(await connect(good)).toBe('open');
}

it('[LIM23] [LIM24] [LIM27] whoever takes all the sockets, turns and commands it gets is refused, and others are not', async () => {
  await start({
    principalSocketsMax: 20,
    addressSocketsMax: 30,
    ownerRunningTurnsMax: 5,
    ownerWaitingTurnsMax: 5,
    principalCommandsPerMinuteMax: 100,
  });
  const opened = await Promise.all(Array.from({ length: 60 }, () => connect(bad)));
  expect(opened.filter((status) => status === 'open')).toHaveLength(20);
  expect(new Set(opened)).toEqual(new Set(['open', 429]));
  await isServedWell();
  const codes = new Map<string, number>();
  const note = ({ status, body, retryAfter }: Awaited<ReturnType<typeof ask>>) => {
    const code = status === 429 ? body.code : String(status);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (status === 429) expect(Number(retryAfter)).toBeGreaterThan(0);
    return body;
  };
  const sessions: string[] = [];
  for (let count = 0; count < 10; count++)
    sessions.push(note(await ask(bad, 'POST', '/chat-sessions', { title: 'bad' })).id);
  const flood = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const message = { role: 'user', content: '[[tokens=1000 delay=1000]]' };
      const asked = sessions.map((id) => ask(bad, 'POST', `/chat-sessions/${id}/messages`, message));
      for (const answer of await Promise.all(asked)) note(answer);
    }
  };
  await Promise.all([flood(12), isServedWell(), isServedWell()]);
  expect(Object.fromEntries(codes)).toEqual({
    201: 20,
    turns_running: expect.any(Number),
    turns_waiting: expect.any(Number),
    commands_per_principal: 30,
  });
  await isServedWell();
});

it('[LIM22] a flood of wrong keys locks out its own address alone', async () => {
  await start({ addressFailedLoginsPerMinuteMax: 10 });
  const statuses = new Map<number, number>();
  const guess = async (count: number) => {
    const { status } = await ask({ ...bad, key: `guess-${count}` }, 'GET', '/chat-sessions');
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const flood = async () => {
    for (let count = 0; count < 200; count += 10)
      await Promise.all(Array.from({ length: 10 }, (_, index) => guess(count + index)));
  };
  await Promise.all([flood(), isServedWell()]);
  // Those that were sent together may be looked at together.
  expect(statuses.get(401)).toBeGreaterThanOrEqual(10);
  expect(statuses.get(401)).toBeLessThanOrEqual(20);
  expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(200);
  // Whoever guesses right now learns nothing of it.
  expect(await ask({ ...bad, key: good.key }, 'GET', '/chat-sessions')).toMatchObject({
    status: 429,
    body: { code: 'failed_logins' },
  });
  await isServedWell();
});

// Filling a real house takes many seconds; a house of three is filled in test/stories/owner-limits.test.ts.
it.runIf(effort === 'full')(
  '[LIM12] [LIM25] whoever fills the house with sessions that answer locks nobody out',
  { timeout: 240_000 },
  async () => {
    await start({
      addressRequestsPerMinuteMax: 0,
      principalRequestsPerMinuteMax: 0,
      principalCommandsPerMinuteMax: 0,
      ownerRunningTurnsMax: 0,
      ownerWaitingTurnsMax: 0,
    });
    const statuses = new Map<number, number>();
    const occupy = async () => {
      const made = await ask(bad, 'POST', '/chat-sessions', { title: 'bad' });
      const message = { role: 'user', content: '[[tokens=100 delay=10000]]' };
      const { status } =
        made.status === 201
          ? await ask(bad, 'POST', `/chat-sessions/${made.body.id}/messages`, message)
          : made;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    for (let count = 0; count < limits.sessionsLiveMax + 100; count += 100) {
      await Promise.all(Array.from({ length: 100 }, occupy));
      if (count % 2000 === 0) await isServedWell();
    }
    expect(Object.fromEntries(statuses)).toEqual({ 201: limits.sessionsLiveMax, 503: 100 });
    // Its first command; the rest of what it does has the seat that it got.
    await isServedWell();
    await isServedWell();
  },
);
