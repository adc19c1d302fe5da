/**
 * Goal: no single client hurts the others with requests that cost it little: deep JSON ([HTTP27]), floods of what the server
 * logs ([LOG2]), many sockets that resume from the beginning again and again, many long lists at once, and requests that
 * come byte by byte ([HTTP18]). Method: one real server with a key for each; the attacker does as much as it can while a
 * well-behaved client does what people do; all of that must succeed, within a time that is generous.
 */
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { limits } from '../../schema/limits.ts';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { cases, isCi } from '../effort.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const [good, bad, operator] = ['key-of-the-good', 'key-of-the-bad', 'key-of-the-operator'];
/** For one of the good client's rounds, whatever the attacker does. */
const patienceMs = 30_000;

let server: ServerProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  const apiKeys = [good, bad, { key: operator, scopes: ['chat', 'logs'] }];
  await writeFile(
    join(folder.path, 'callboard.config.json'),
    JSON.stringify({ apiKeys, shutdownGraceMs: 0, trustedProxies: ['127.0.0.1'] }),
  );
  server = await startServer({ dataFolder: folder.path });
}, 90_000);
afterAll(async () => {
  await server?.end();
  await folder?.remove();
});

/** Each key comes from an address of its own; wrong ones from one together. */
function headersOf(key: string): Record<string, string> {
  const from = [good, bad, operator].indexOf(key) + 2;
  return { 'x-api-key': key, 'x-forwarded-for': `192.0.2.${from}` };
}

async function ask(key: string, method: string, path: string, body?: string) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { ...headersOf(key), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

async function makeSession(key: string): Promise<string> {
  const made = await ask(key, 'POST', '/chat-sessions', JSON.stringify({ title: 'a' }));
  expect(made.status).toBe(201);
  return made.body.id;
}

async function say(key: string, session: string, content: string): Promise<void> {
  const body = JSON.stringify({ role: 'user', content });
  expect((await ask(key, 'POST', `/chat-sessions/${session}/messages`, body)).status).toBe(201);
}

/** What people do: a session, a question, its answer. */
async function isServedWell(): Promise<void> {
  const session = await makeSession(good);
  await say(good, session, '[[tokens=2 delay=0]]');
  await expect
    .poll(
      async () => {
        const { body } = await ask(good, 'GET', `/chat-sessions/${session}/messages`);
        return body.some(
          ({ role, status }: { role: string; status: string }) =>
            role === 'assistant' && status !== 'streaming',
        );
      },
      { timeout: patienceMs },
    )
    .toBe(true);
}

/** The good client goes on for as long as the attack lasts, and once more. */
async function isServedBeside(attack: Promise<unknown>): Promise<void> {
  let isOver = false;
  const ended = attack.finally(() => {
    isOver = true;
  });
  do await isServedWell();
  while (!isOver);
  await ended;
  await isServedWell();
}

type Frame = { readonly event: string; readonly data: { readonly code: string; readonly epoch: string } };

/** An open socket; `next` resolves with the first frame of that name that was not taken before. */
async function open(key: string, path: string, protocols: readonly string[]) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, [...protocols], {
    headers: headersOf(key),
  });
  const frames: Frame[] = [];
  socket.on('error', () => {});
  socket.on('message', (data) => void frames.push(JSON.parse(String(data))));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('close', () => reject(new Error('refused')));
  });
  const next = async (event: string) => {
    const isIt = (frame: Frame) => frame.event === event;
    await expect.poll(() => frames.some(isIt), { timeout: patienceMs }).toBe(true);
    const [found] = frames.splice(frames.findIndex(isIt), 1);
    return found;
  };
  return { socket, next };
}

const v1 = [callboardV1Subprotocol];

it('[HTTP27] deep JSON is refused on every way in, and costs the others nothing', {
  timeout: 120_000,
}, async () => {
  const session = await makeSession(bad);
  const deep = '['.repeat(60_000);
  const closed = `${'[{"a":'.repeat(8000)}1${'}]'.repeat(8000)}`;
  const whole = (value: string) => `{"role":"user","content":"x","parts":${value}}`;
  const ways = [
    ['POST', '/chat-sessions'],
    ['POST', `/chat-sessions/${session}/messages`],
    ['PATCH', `/chat-sessions/${session}`],
    ['POST', '/chat-sessions/import'],
    ['PUT', '/user/preferences/layout'],
    ['POST', '/traces'],
  ] as const;
  const told = new Set<string>();
  const attack = async () => {
    for (let round = 0; round < cases({ quick: 2, full: 40 }); round++) {
      const sent = ways.flatMap(([method, path]) =>
        [deep, closed, whole(deep), whole(closed)].map((body) => ask(bad, method, path, body)),
      );
      for (const { status, body } of await Promise.all(sent)) told.add(`${status} ${body.message}`);
    }
    for (const protocols of [v1, []]) {
      const { socket, next } = await open(bad, '/chat-sessions', protocols);
      for (const value of [deep, closed]) {
        socket.send(`{"event":"message.send","data":${value}}`);
        told.add((await next('exception'))?.data.code ?? 'nothing');
      }
      socket.close();
    }
  };
  await isServedBeside(attack());
  expect([...told].toSorted()).toEqual([
    `400 Request body must not be nested more than ${limits.jsonDepthMax} levels deep`,
    'json_too_deep',
  ]);
});

it('[LOG2] whoever floods the log pushes out nothing of the operator', { timeout: 120_000 }, async () => {
  expect((await ask(operator, 'POST', '/logs')).status).toBe(201);
  const before = (await ask(operator, 'GET', '/logs?limit=5000')).body;
  const attack = async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => makeSession(bad)));
    for (let round = 0; round < 12; round++) {
      await Promise.all(sessions.map((id) => say(bad, id, '[[fail=400]]').catch(() => {})));
      await Promise.all([
        ...Array.from({ length: 10 }, (_, index) => ask(`wrong-${index}`, 'GET', '/chat-sessions')),
        ...sessions.map((id) => ask(bad, 'POST', `/chat-sessions/${id}/messages`, '{"role":1}')),
        ask(bad, 'GET', '/nowhere'),
      ]);
    }
  };
  await isServedBeside(attack());
  const failed = ({ message }: { message: string }) => message === 'Model call failed';
  await expect
    .poll(async () => (await ask(operator, 'GET', '/logs?limit=5000')).body.filter(failed).length)
    .toBeGreaterThan(limits.logRingEntriesMax / 2);
  const after = (await ask(operator, 'GET', '/logs?limit=5000')).body;
  expect(after.length).toBeLessThanOrEqual(limits.logRingEntriesMax);
  const ids = new Set(after.map(({ id }: { id: string }) => id));
  expect(
    before
      .filter(({ id }: { id: string }) => !ids.has(id))
      .filter((entry: { message: string }) => !failed(entry)),
  ).toEqual([]);
  expect((await ask(bad, 'GET', '/logs')).status).toBe(403);
});

it('sockets that resume from the beginning again and again delay nobody for long', {
  timeout: 120_000,
}, async () => {
  const session = await makeSession(bad);
  for (let round = 0; round < 20; round++) await say(bad, session, '[[tokens=1 delay=0]]').catch(() => {});
  const first = await open(bad, '/live', v1);
  const hello = await first.next('hello');
  first.socket.close();
  const path = `/live?namespaces=chat-messages,chat-sessions&since=${hello?.data.epoch}:0`;
  let resumed = 0;
  const attack = async () => {
    for (let round = 0; round < cases({ quick: 3, full: 40 }); round++) {
      const opened = await Promise.all(Array.from({ length: 40 }, () => open(bad, path, v1)));
      // Each is gone while it is caught up, but the last of each round.
      await opened.at(-1)?.next('message.created');
      resumed++;
      for (const { socket } of opened) socket.terminate();
    }
  };
  await isServedBeside(attack());
  expect(resumed).toBe(cases({ quick: 3, full: 40 }));
});

it('many long lists at once delay nobody for long', { timeout: 120_000 }, async () => {
  const count = cases({ quick: 150, full: 5000 });
  for (let made = 0; made < count; made += 50)
    await Promise.all(Array.from({ length: 50 }, () => makeSession(bad)));
  const sizes = new Set<number>();
  const attack = async () => {
    for (let round = 0; round < 5; round++) {
      const lists = Array.from({ length: 20 }, () => ask(bad, 'GET', '/chat-sessions'));
      for (const { body } of await Promise.all(lists)) sizes.add(body.length);
    }
  };
  await isServedBeside(attack());
  // It gets its own list, whole up to the bound of any list, and always the same.
  expect(sizes.size).toBe(1);
  expect(Math.max(...sizes)).toBeGreaterThanOrEqual(Math.min(count, limits.listRowsMax));
});

it('[HTTP18] requests that come byte by byte keep nobody waiting, and are cut', {
  timeout: 120_000,
}, async () => {
  const heads = [
    'GET /chat-sessions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
    `POST /chat-sessions HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${bad}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"title":"`,
  ];
  const sockets: Socket[] = [];
  let closed = 0;
  for (let count = 0; count < 200; count++) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.once('close', () => closed++);
    socket.write(heads[count % heads.length] ?? '');
    sockets.push(socket);
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('a');
  }, 200);
  await isServedWell();
  await isServedWell();
  // Cutting them takes the transport half a minute.
  if (isCi) await expect.poll(() => closed, { timeout: 90_000 }).toBe(sockets.length);
  clearInterval(drip);
  for (const socket of sockets) socket.destroy();
});
