/**
 * `npm run bench:streaming`: bytes of an answer, a storm of resuming clients, memory of connections, and frames to
 * 500 subscribers beside bare uWebSockets.js. Prints Markdown. Every figure is of this run on this machine.
 */
import { Command, Option } from 'commander';
import { quantile } from '../quantile.ts';
import { type MeasuredServer, startMeasuredServer } from './measured-server.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

const program = new URL('../../src/main.ts', import.meta.url).pathname;
const bare = new URL('./bare-publish.ts', import.meta.url).pathname;
const v1 = 'callboard.v1';
const wholeNumber = (name: string, value: number) => new Option(name).default(value).argParser(Number);
const options: { only?: string; clients: number; subscribers: number; connections: number } = new Command(
  'bench:streaming',
)
  .addOption(wholeNumber('--clients <count>', 1000))
  .addOption(wholeNumber('--subscribers <count>', 500))
  .addOption(wholeNumber('--connections <count>', 3000))
  .option('--only <part>', 'answers, compression, resumeStorm, memory or fanOut')
  .parse()
  .opts();
const say = (text: string) => process.stdout.write(`${text}\n`);

function idOf(value: unknown): string {
  return String(typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : '');
}

async function newSession(server: MeasuredServer): Promise<string> {
  return idOf(await server.post('/chat-sessions', { title: 'bench' }));
}

async function all<Value>(count: number, make: (index: number) => Promise<Value>): Promise<Value[]> {
  const made: Value[] = [];
  while (made.length < count) {
    const batch = Math.min(100, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: batch }, (_, index) => make(made.length + index)))));
  }
  return made;
}

const endsTurn = '"trace.updated"';

/** Bytes that one client gets for one answer, by itself on its namespaces. */
async function bytesOfAnswer(
  flushMs: number,
  delay: number,
  path: string,
  protocol?: string,
): Promise<number> {
  const server = await startMeasuredServer(program, { CALLBOARD_STREAM_FLUSH_MS: String(flushMs) });
  const session = await newSession(server);
  const traces = await openRawSocket(server.port, '/traces');
  const reader = await openRawSocket(server.port, path, protocol);
  const before = reader.bytes();
  await server.post(`/chat-sessions/${session}/messages`, { content: `[[tokens=1000 delay=${delay}]]` });
  await traces.untilText(endsTurn);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const bytes = reader.bytes() - before;
  reader.socket.destroy();
  traces.socket.destroy();
  await server.end();
  return bytes;
}

async function answers(): Promise<void> {
  say('| what a client of one 1,000-token answer gets | bytes | of the baseline |');
  say('|---|---|---|');
  const baseline = await bytesOfAnswer(10, 2, '/chat-messages');
  const rows: readonly (readonly [string, number])[] = [
    ['baseline, `/chat-messages`', baseline],
    ['v1, flush each tick, 2 ms between tokens', await bytesOfAnswer(0, 2, '/chat-messages', v1)],
    ['v1, flush 10 ms, 2 ms between tokens', await bytesOfAnswer(10, 2, '/chat-messages', v1)],
    ['v1, flush 10 ms, as fast as possible', await bytesOfAnswer(10, 0, '/chat-messages', v1)],
  ];
  for (const [name, bytes] of rows) say(`| ${name} | ${bytes} | 1/${(baseline / bytes).toFixed(1)} |`);
}

/** Delays from a command to its event on a live socket, ms, one after the other. */
async function liveDelays(server: MeasuredServer, live: RawSocket, session: string, count: number) {
  const delays: number[] = [];
  for (let index = 0; index < count; index++) {
    const title = `ping ${performance.now()}`;
    const began = performance.now();
    const seen = live.untilText(title);
    await server.post(`/chat-sessions/${session}`, { title }, 'PATCH');
    await seen;
    delays.push(performance.now() - began);
  }
  return delays;
}

async function resumeStorm(): Promise<void> {
  const server = await startMeasuredServer(program);
  const session = await newSession(server);
  const hello = await openRawSocket(server.port, '/chat-sessions', v1);
  let text = '';
  hello.socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const missed = 100;
  for (let index = 0; index < missed; index++) {
    await server.post(`/chat-sessions/${session}`, { title: `missed ${index}` }, 'PATCH');
  }
  await hello.untilText(`missed ${missed - 1}`);
  const bytes = hello.bytes();
  const seqs = [...text.matchAll(/"seq":(\d+)/g)].map((match) => Number(match[1]));
  const epoch = /"epoch":"([^"]+)"/.exec(hello.start())?.[1];
  const since = `${epoch}:${Math.min(...seqs) - 1}`;
  const quiet = await liveDelays(server, hello, session, 200);
  const began = performance.now();
  let storming = true;
  const storm = all(options.clients, async () => {
    const client = await openRawSocket(server.port, `/chat-sessions?since=${encodeURIComponent(since)}`, v1);
    // Their `hello` differs by some bytes from the first one.
    await client.until(bytes - 100);
    return client;
  }).finally(() => {
    storming = false;
  });
  const during: number[] = [];
  while (storming) during.push(...(await liveDelays(server, hello, session, 1)));
  const clients = await storm;
  const wall = performance.now() - began;
  say(
    `\n${clients.length} clients that missed ${missed} events each: all caught up in ${wall.toFixed(0)} ms,`,
  );
  say(`${((clients.length * missed) / (wall / 1000)).toFixed(0)} events/s.`);
  say(
    `Live delay of a command's event: p50 ${quantile(quiet, 0.5).toFixed(2)} ms and p99 ${quantile(quiet, 0.99).toFixed(2)} ms before,`,
  );
  say(
    `p50 ${quantile(during, 0.5).toFixed(2)} ms and p99 ${quantile(during, 0.99).toFixed(2)} ms during the storm.`,
  );
  for (const client of [hello, ...clients]) client.socket.destroy();
  await server.end();
}

/** What permessage-deflate saves and costs: the same answer to 100 readers that offer it, with it off and on. */
async function compression(): Promise<void> {
  say('\n| permessage-deflate, 100 readers of 2,000 tokens | bytes of a reader | server CPU ms |');
  say('|---|---|---|');
  for (const setting of ['off', 'on']) {
    const server = await startMeasuredServer(program, { CALLBOARD_COMPRESSION: setting });
    const session = await newSession(server);
    const traces = await openRawSocket(server.port, '/traces');
    const readers = await all(100, () =>
      openRawSocket(server.port, '/chat-messages', v1, { compress: true }),
    );
    const cpuBefore = server.cpuMs();
    await server.post(`/chat-sessions/${session}/messages`, { content: '[[tokens=2000 delay=2]]' });
    await traces.untilText(endsTurn);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const bytes = readers.reduce((sum, reader) => sum + reader.bytes(), 0) / readers.length;
    say(`| ${setting} | ${bytes.toFixed(0)} | ${server.cpuMs() - cpuBefore} |`);
    for (const { socket } of [...readers, traces]) socket.destroy();
    await server.end();
  }
}

async function memory(): Promise<void> {
  const server = await startMeasuredServer(program);
  const session = await newSession(server);
  await (await openRawSocket(server.port, '/live', v1)).socket.destroy();
  const before = server.residentBytes();
  const idle = await all(options.connections, () =>
    openRawSocket(server.port, `/live?namespaces=chat-sessions,chat-messages&sessionId=${session}`, v1),
  );
  const after = server.residentBytes();
  say(
    `\nMemory of an idle v1 connection: ${((after - before) / idle.length).toFixed(0)} bytes (${idle.length} of them).`,
  );
  for (const { socket } of idle) socket.destroy();
  const traces = await openRawSocket(server.port, '/traces');
  const stalled = await all(100, () => openRawSocket(server.port, '/chat-messages', v1));
  for (const { socket } of stalled) socket.pause();
  const calm = server.residentBytes();
  for (let index = 0; index < 30; index++) {
    const content = '[[tokens=4000 delay=0]]';
    await server.post(`/chat-sessions/${session}/messages`, { content });
    await traces.untilText(endsTurn);
  }
  const pressed = server.residentBytes();
  say(
    `Memory that a stalled one adds: ${((pressed - calm) / stalled.length / 1024).toFixed(0)} kB (${stalled.length} of them).`,
  );
  for (const { socket } of [...stalled, traces]) socket.destroy();
  await server.end();
}

async function fanOut(): Promise<void> {
  const tokens = 20_000;
  const server = await startMeasuredServer(program);
  const session = await newSession(server);
  const traces = await openRawSocket(server.port, '/traces');
  const readers = await all(options.subscribers, () => openRawSocket(server.port, '/chat-messages', v1));
  const cpuBefore = server.cpuMs();
  const bytesBefore = readers.map((reader) => reader.bytes());
  const began = performance.now();
  await server.post(`/chat-sessions/${session}/messages`, { content: `[[tokens=${tokens} delay=0]]` });
  await traces.untilText(endsTurn);
  let total = 0;
  for (let last = -1; last !== total; ) {
    last = total;
    await new Promise((resolve) => setTimeout(resolve, 50));
    total = readers.reduce((sum, reader, index) => sum + reader.bytes() - (bytesBefore[index] ?? 0), 0);
  }
  const wall = performance.now() - began;
  const cpu = server.cpuMs() - cpuBefore;
  for (const { socket } of [...readers, traces]) socket.destroy();
  await server.end();
  const perReader = total / readers.length;
  const ceiling = await bareFanOut(perReader);
  say(`\n${tokens} tokens to ${options.subscribers} subscribers, ${(perReader / 1024).toFixed(0)} kB each:`);
  say('| | wall ms | server CPU ms | MB per CPU second |');
  say('|---|---|---|---|');
  const line = (name: string, wallMs: number, cpuMs: number) =>
    say(`| ${name} | ${wallMs.toFixed(0)} | ${cpuMs} | ${(total / 1e6 / (cpuMs / 1000)).toFixed(0)} |`);
  line('Callboard v1', wall, cpu);
  line('bare publish of the same bytes', ceiling.wall, ceiling.cpu);
  say(`Delivered per CPU second: ${((100 * ceiling.cpu) / cpu).toFixed(0)} % of bare publish.`);
}

async function bareFanOut(bytesPerReader: number): Promise<{ wall: number; cpu: number }> {
  const frameBytes = 4000;
  const server = await startMeasuredServer(bare, { FRAME_BYTES: String(frameBytes) });
  const readers = await all(options.subscribers, () => openRawSocket(server.port, '/live'));
  const frames = Math.round(bytesPerReader / frameBytes);
  const cpuBefore = server.cpuMs();
  const began = performance.now();
  await fetch(`http://127.0.0.1:${server.port}/go`, {
    method: 'POST',
    headers: { 'x-frames': String(frames), 'x-per-tick': '1' },
  });
  await Promise.all(readers.map((reader) => reader.until(frames * frameBytes)));
  const wall = performance.now() - began;
  const cpu = server.cpuMs() - cpuBefore;
  for (const { socket } of readers) socket.destroy();
  await server.end();
  return { wall, cpu };
}

const parts = { answers, compression, resumeStorm, memory, fanOut };
for (const [name, part] of Object.entries(parts)) {
  if (options.only === undefined || options.only === name) await part();
}
