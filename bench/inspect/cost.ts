/**
 * What inspecting costs the server. Goal: without inspectors the cost is zero, and a watched server costs little more
 * than an unwatched one ([INS4], [INS5]). Method: a separate server answers `TURNS` (1,000) sessions at once, with
 * `PACE` (20) pieces of text per second each. Its CPU time over `SECONDS` (8) is measured while nobody watches, while
 * a socket reads the tree, and while it reads the tree and the events of one session, twice each in turn. For the
 * page and its frame times see `frames.ts`.
 *
 * node bench/inspect/cost.ts
 */
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { callRest } from '../client/rest.ts';
import { startInspectedServer } from './inspected-server.ts';

const turns = Number(process.env['TURNS'] ?? 1000);
const seconds = Number(process.env['SECONDS'] ?? 8);
const pace = Number(process.env['PACE'] ?? 20);
const rounds = Number(process.env['ROUNDS'] ?? 2);

const server = await startInspectedServer();
try {
  const first = await startTurns();
  say(`${turns} turns at ${pace} pieces/s each, ${seconds} s per line`);
  for (let round = 0; round < rounds; round++) {
    await measure('nobody watches', null);
    await measure('tree', { focus: null });
    await measure('tree and session', { focus: `session.${first}` });
  }
} finally {
  await server.end();
}

async function startTurns(): Promise<string> {
  const lines = rounds * 3;
  // Starting the answers takes a while, and none may end before the last line.
  const tokens = Math.ceil((seconds + 4) * lines * pace * 3);
  const content = `[[tokens=${tokens} delay=${Math.round(1000 / pace)}]]`;
  let first = '';
  for (let index = 0; index < turns; index++) {
    const id = await server.createSession();
    await callRest(server.port, `/chat-sessions/${id}/messages`, { content });
    first ||= id;
  }
  return first;
}

async function measure(name: string, watching: { readonly focus: string | null } | null): Promise<void> {
  const told = { frames: 0, bytes: 0 };
  const socket = watching === null ? null : await watch(watching.focus, told);
  // By then the snapshot is complete.
  await pause(2000);
  Object.assign(told, { frames: 0, bytes: 0 });
  const [cpu, at] = [server.cpuMs(), performance.now()];
  await pause(seconds * 1000);
  const elapsed = performance.now() - at;
  const used = ((server.cpuMs() - cpu) / elapsed) * 100;
  socket?.terminate();
  await pause(500);
  const rate = (value: number) => (value / (elapsed / 1000)).toFixed(0);
  say(
    `${name.padEnd(17)} ${used.toFixed(1).padStart(5)} % of a core, told ${rate(told.frames)} frames/s, ${rate(told.bytes / 1024)} kB/s`,
  );
}

async function watch(focus: string | null, told: { frames: number; bytes: number }): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`, 'callboard.v1');
  socket.on('message', (bytes: Buffer) => {
    told.frames++;
    told.bytes += bytes.length;
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ event: 'subscribe', data: { namespaces: ['inspect'] }, id: 1 }));
  if (focus !== null)
    socket.send(JSON.stringify({ event: 'inspect.focus', data: { actorId: focus }, id: 2 }));
  return socket;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
