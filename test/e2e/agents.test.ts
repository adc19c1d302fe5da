/**
 * Agents outside, over HTTP. Goal: an agent's answer is what it pushed, through a lost connection and a killed server.
 * Method: the examples as processes, against the real server behind a proxy that cuts connections; and raw requests for
 * what agents may do wrong.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTurn } from '../../src/client/agent.ts';
import { effort, inTurn } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const examples = new URL('../../examples/agents/', import.meta.url).pathname;

/** Passes on to the server, wherever it is at present. */
class CuttingProxy {
  port = 0;
  target = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((client) => {
    const server = connect(this.target, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  });

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;
const proxy = new CuttingProxy();

async function start(): Promise<void> {
  server = await startServer({ dataFolder: folder.path, env: { CALLBOARD_WEB: 'off' } });
  proxy.target = server.port;
}

// One server for all tests, unless one kills it: each test has sessions of its own.
beforeAll(async () => {
  folder = await temporaryFolder();
  await start();
});

afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

const post = (path: string, body: object) => request(server.url, 'POST', path, body);

async function newSession(): Promise<string> {
  return textAt((await post('/chat-sessions', { title: 'Agents' })).body, 'id');
}

async function newTurn(): Promise<{
  readonly session: string;
  readonly turn: string;
  readonly lease: string;
}> {
  const session = await newSession();
  const { body } = await post(`/chat-sessions/${session}/turns`, { agent: 'raw' });
  return { session, turn: textAt(body, 'turnId'), lease: textAt(body, 'lease') };
}

async function answer(session: string): Promise<unknown> {
  return (await request(server.url, 'GET', `/chat-sessions/${session}/messages`)).body;
}

/** The example says the lines, while its connection is cut and its server killed; resolves with its last line. */
async function lived(command: string, args: readonly string[], lines: readonly string[]): Promise<unknown> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface({ input: child.stdout });
  const told = said[Symbol.asyncIterator]();
  await told.next();
  for (const [index, line] of lines.entries()) {
    child.stdin.write(`${line}\n`);
    if (index === 2) proxy.cut();
    if (index === 5) {
      await server.end('SIGKILL');
      await start();
    }
    await told.next();
  }
  child.stdin.end();
  const last = await told.next();
  await once(child, 'exit');
  return JSON.parse(String(last.value));
}

const lines = Array.from({ length: 10 }, (_, index) => `Line ${index}: ☀ and 🌤.`);

describe('an agent outside', () => {
  const languages = [
    ['Python', 'python3', (session: string) => [`${examples}agent.py`, '--session', session, '--url']],
    ['TypeScript', process.execPath, (session: string) => [`${examples}agent.ts`, '', session]],
  ] as const;

  it.each(inTurn(languages, { oneIn: 2, seed: seedOfRun() }))(
    '[PSH5] [PSH8] [PSH20] in %s streams its answer through a lost connection and a killed server',
    async (_, command, args) => {
      await proxy.open();
      const session = await newSession();
      const url = `http://127.0.0.1:${proxy.port}`;
      const given = args(session);
      const whole = command === 'python3' ? [...given, url] : given.map((one) => (one === '' ? url : one));
      expect(await lived(command, whole, lines)).toMatchObject({
        status: 'completed',
        received: 10,
        durable: 10,
      });
      expect(await answer(session)).toMatchObject([{ content: `${lines.join('\n')}\n`, status: 'complete' }]);
      proxy.close();
    },
  );

  it('[PSH13] [PSH20] hears of a cancellation through the signal of the client library', async () => {
    const sessionId = await newSession();
    const pushed = await startTurn({ url: server.url, sessionId, agent: 'library', leaseMs: 3000 });
    pushed.text('Once upon');
    await pushed.drained();
    await post(`/chat-sessions/${sessionId}/cancel`, {});
    // Its next heartbeat is told.
    if (!pushed.signal.aborted) await once(pushed.signal, 'abort');
    expect(() => pushed.text(' a time')).toThrow(/ended as cancelled/);
  });

  it('[PSH11] [PSH20] is told by the client library that a part was refused, and can say that it has failed', async () => {
    const sessionId = await newSession();
    const pushed = await startTurn({ url: server.url, sessionId, agent: 'library' });
    pushed.text('I look. ');
    pushed.toolResult('unknown', 'nothing');
    await expect(pushed.drained()).rejects.toThrow('There is no call unknown');
    expect(pushed.signal.aborted).toBe(true);
    expect(await pushed.fail('I am confused')).toMatchObject({ status: 'failed', received: 1 });
    expect(await answer(sessionId)).toMatchObject([{ content: 'I look. ', status: 'failed' }]);
  });

  it('[PSH11] in Python is told that a part was refused, and goes on with another', async () => {
    const session = await newSession();
    const program = `
import sys
sys.path.insert(0, sys.argv[1])
from agent import Agent, Refused
agent = Agent(sys.argv[2], sys.argv[3], "python")
agent.text("I look. ")
agent.tool_call("c1", "look", {}, needs_approval=True)
for wrong in (lambda: agent.tool_result("unknown", 1), lambda: agent.tool_result("c1", 1), lambda: agent.tool_call("c1", "look", {})):
    try:
        wrong()
    except Refused as refused:
        print(refused.status, end=" ")
agent.text("Nothing.")
print(agent.finish()["received"])
`;
    const child = spawn('python3', ['-c', program, examples, server.url, session], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    for await (const chunk of child.stdout) told += String(chunk);
    expect(told).toBe('400 400 400 3\n');
    expect(await answer(session)).toMatchObject([{ content: 'I look. Nothing.', status: 'complete' }]);
  });

  it('[PSH6] [PSH15] answers what is wrong with a push, and goes on', async () => {
    const { session, turn, lease } = await newTurn();
    const push = (body: object) => post(`/turns/${turn}/parts`, body);
    const text = (seq: number) => ({ seq, type: 'text', text: 'x' });
    expect(await push({ parts: [] })).toMatchObject({ status: 400 });
    expect(await push({ lease: 'another', parts: [] })).toMatchObject({ status: 403 });
    expect(await push({ lease, parts: [{ seq: 0, type: 'text', text: '' }] })).toMatchObject({ status: 400 });
    expect(await push({ lease, parts: [{ seq: 1, type: 'song', text: '' }] })).toMatchObject({ status: 400 });
    expect(await push({ lease, parts: Array.from({ length: 1001 }, (_, at) => text(at + 1)) })).toMatchObject(
      { status: 400 },
    );
    expect(
      await push({ lease, parts: [{ seq: 1, type: 'text', text: 'x'.repeat(10_000_000) }] }),
    ).toMatchObject({ status: 413 });
    expect(await push({ lease, parts: [text(2)] })).toMatchObject({
      status: 409,
      body: { turn: { received: 0 } },
    });
    expect(await post(`/chat-sessions/${session}/turns`, { agent: 'other' })).toMatchObject({ status: 409 });
    expect(await push({ lease, parts: [text(1)] })).toMatchObject({ status: 200, body: { received: 1 } });
    expect(await post(`/turns/${turn}/finish`, { lease, seq: 1 })).toMatchObject({ status: 200 });
    expect(await push({ lease, parts: [text(2)] })).toMatchObject({
      status: 409,
      body: { turn: { status: 'completed' } },
    });
  });

  it.runIf(effort === 'full')(
    '[PSH16] takes lines while they come, however slowly, and stops at one that is no part',
    async () => {
      const { session, turn, lease } = await newTurn();
      const stream = () => {
        const sent = httpRequest(`${server.url}/turns/${turn}/parts`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-ndjson', 'Callboard-Lease': lease },
        });
        const answered = once(sent, 'response').then(async ([response]) => {
          let body = '';
          for await (const chunk of response) body += String(chunk);
          return { status: response.statusCode, body: JSON.parse(body) };
        });
        return { sent, answered };
      };
      const slow = stream();
      slow.sent.write('{"seq":1,"type":"text","text":"One ');
      // Longer than the transport waits for a body of which too little comes.
      await sleep(12_000);
      slow.sent.write('line"}\n\n{"seq":2,"type":"text","text":", two"}');
      slow.sent.end();
      expect(await slow.answered).toMatchObject({ status: 200, body: { received: 2 } });
      const bad = stream();
      bad.sent.write(
        '{"seq":3,"type":"text","text":", three"}\nno JSON\n{"seq":4,"type":"text","text":"!"}\n',
      );
      expect(await bad.answered).toMatchObject({
        status: 400,
        body: { turn: { received: 3, status: 'running' } },
      });
      const cancelled = stream();
      cancelled.sent.write('{"seq":4,"type":"text","text":"."}\n');
      cancelled.sent.on('error', () => {});
      for (let received = 0; received < 4; ) {
        const state = await request(server.url, 'GET', `/turns/${turn}`);
        received = Number(Reflect.get(Object(state.body), 'received'));
      }
      await post(`/chat-sessions/${session}/cancel`, {});
      expect(await cancelled.answered).toMatchObject({
        status: 409,
        body: { turn: { status: 'cancelled', received: 4 } },
      });
      expect(await answer(session)).toMatchObject([
        { content: 'One line, two, three.', status: 'cancelled' },
      ]);
    },
  );

  it('[PSH18] pushes over a socket, which is told when the turn ends otherwise than by itself', async () => {
    const session = await newSession();
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/live`, 'callboard.v1');
    const frames: { event: string; id?: number; data: Record<string, unknown> }[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    await once(socket, 'open');
    const until = async (test: (frame: (typeof frames)[number]) => boolean) => {
      for (;;) {
        const found = frames.find(test);
        if (found !== undefined) return found;
        await once(socket, 'message');
      }
    };
    let sent = 0;
    const send = async (event: string, data: object) => {
      const id = ++sent;
      socket.send(JSON.stringify({ event, data, id }));
      return await until((frame) => frame.id === id || frame.data?.['id'] === id);
    };
    const begun = async (parts: readonly object[]) => {
      const { data } = await send('turn.start', { sessionId: session, agent: 'socket' });
      const { turnId, lease } = data;
      expect(await send('turn.push', { turnId, lease, parts })).toMatchObject({ event: 'ack' });
      return { turnId, lease };
    };
    const told = () => frames.filter(({ event, data }) => event === 'exception' && data['id'] === undefined);
    const hello = [{ seq: 1, type: 'text', text: 'Hello' }];
    const finished = await begun(hello);
    expect(await send('turn.finish', { ...finished, seq: 2 })).toMatchObject({
      data: { code: 'conflict', turn: { received: 1 } },
    });
    expect(await send('turn.finish', { ...finished, seq: 1 })).toMatchObject({
      event: 'ack',
      data: { status: 'completed' },
    });
    const failed = await begun(hello);
    expect(await send('turn.fail', { ...failed, error: 'no fuel' })).toMatchObject({ event: 'ack' });
    const silent = await begun([]);
    expect(await send('turn.finish', silent)).toMatchObject({
      event: 'exception',
      data: { turn: { status: 'failed' } },
    });
    expect(told()).toEqual([]);
    const { turnId } = await begun(hello);
    await send('turn.cancel', { sessionId: session });
    await until(({ event, data }) => event === 'exception' && data['id'] === undefined);
    expect(told()).toMatchObject([{ data: { code: 'conflict', turn: { turnId, status: 'cancelled' } } }]);
    socket.close();
  });
});
