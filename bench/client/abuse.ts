/**
 * The abusers: a process whose principals ask for more than their limits allow, all the time: lists, commands, sockets,
 * everything missed since the beginning, and wrong keys. They come from another address than the well-behaved.
 */
import { Agent, request } from 'node:http';
import { z } from 'zod';
import { serveParent } from '../process/child.ts';
import { RawConnection } from './raw-connection.ts';

export const abuseSchema = z.object({
  port: z.number().int(),
  keys: z.array(z.string()),
  /** What each principal asks for in a second. */
  perSecond: z.object({
    lists: z.number(),
    commands: z.number(),
    sockets: z.number(),
    resumes: z.number(),
    wrongKeys: z.number(),
  }),
  /** Idle sockets that each principal opens first. */
  idleSockets: z.number().int(),
});
type Abuse = z.infer<typeof abuseSchema>;

/** How many requests got which status; a socket that was accepted counts as 101, one that broke as 0. */
export const abuseToldSchema = z.object({
  statuses: z.record(z.string(), z.number()),
  idleSockets: z.number(),
  cpuShare: z.number(),
});

/** Where wrong keys come from: they lock their address out, and the other abuse must not end with it. */
const wrongAddress = '127.0.0.3';
const localAddress = '127.0.0.2';
const tickMs = 10;
const note = { role: 'assistant', content: 'The quick brown fox jumps over the lazy dog, again and again.' };
const agent = new Agent({ keepAlive: true, maxSockets: 64, localAddress });
const wrongAgent = new Agent({ keepAlive: true, maxSockets: 8, localAddress: wrongAddress });

await serveParent(null, {
  start: (data) => start(abuseSchema.parse(data)),
  stop,
});

let timer: NodeJS.Timeout | undefined;
let beganMs = 0;
const statuses = new Map<number, number>();
const idle: RawConnection[] = [];

async function start(abuse: Abuse): Promise<void> {
  const { port, keys, perSecond, idleSockets } = abuse;
  const sessions = await Promise.all(
    keys.map(
      async (key) =>
        z
          .object({ id: z.string() })
          .parse(JSON.parse(await ask(port, key, '/chat-sessions', { title: 'more' }))).id,
    ),
  );
  for (const key of keys) {
    for (let opened = 0; opened < idleSockets; opened++) idle.push(await open(port, key, '/chat-sessions'));
  }
  const kinds: readonly (readonly [number, (key: string, sessionId: string) => Promise<unknown>])[] = [
    [perSecond.lists, (key) => ask(port, key, '/chat-sessions?limit=1000')],
    [perSecond.commands, (key, sessionId) => ask(port, key, `/chat-sessions/${sessionId}/messages`, note)],
    [perSecond.sockets, (key) => openAndClose(port, key, '/chat-sessions')],
    [perSecond.resumes, (key) => openAndClose(port, key, '/chat-sessions?since=0:0')],
    [perSecond.wrongKeys, () => ask(port, 'no-key-of-anybody', '/chat-sessions', undefined, wrongAgent)],
  ];
  beganMs = performance.now();
  const asked = kinds.map(() => 0);
  timer = setInterval(() => {
    const seconds = (performance.now() - beganMs) / 1000;
    for (const [index, [rate, act]] of kinds.entries()) {
      for (let due = Math.floor(seconds * rate * keys.length); (asked[index] ?? 0) < due; ) {
        const turn = asked[index] ?? 0;
        asked[index] = turn + 1;
        const key = keys[turn % keys.length] ?? '';
        act(key, sessions[turn % keys.length] ?? '').catch(() => count(0));
      }
    }
  }, tickMs);
}

function stop(): z.infer<typeof abuseToldSchema> {
  clearInterval(timer);
  const open = idle.filter(({ ended }) => ended === undefined).length;
  for (const connection of idle) connection.close();
  agent.destroy();
  wrongAgent.destroy();
  const { user, system } = process.cpuUsage();
  const cpuShare = (user + system) / 1000 / (performance.now() - beganMs);
  return { statuses: Object.fromEntries(statuses), idleSockets: open, cpuShare };
}

function count(status: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

/** Resolves with the body, whatever the status. */
function ask(port: number, key: string, path: string, body?: unknown, from = agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    ...(sent === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
  };
  const method = sent === undefined ? 'GET' : 'POST';
  request({ agent: from, host: '127.0.0.1', port, path, method, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      count(response.statusCode ?? 0);
      resolve(Buffer.concat(chunks).toString());
    });
  })
    .on('error', reject)
    .end(sent);
  return promise;
}

function open(port: number, key: string, path: string): Promise<RawConnection> {
  return RawConnection.open({
    port,
    path,
    key,
    localAddress,
    subprotocol: 'callboard.v1',
    onFrame: () => {},
  });
}

async function openAndClose(port: number, key: string, path: string): Promise<void> {
  const connection = await open(port, key, path);
  count(101);
  connection.close();
}
