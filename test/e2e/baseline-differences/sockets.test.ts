/** Rows of docs/baseline-differences.md about opening sockets, what comes over them, and what clients send. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '../../../schema/limits.ts';
import { openBaselineClient } from '../../processes/baseline-client.ts';
import { refusedUpgrade } from '../../src/gateway/running-gateway.ts';
import { BaselineServer, clientFrame, handshake } from './baseline-server.ts';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({ CALLBOARD_WEB: 'off' });
});
afterAll(() => at.remove());

const open = async (path: string, ...protocols: string[]) => {
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}${path}`, protocols);
  const frames: { event: string; data: Record<string, unknown> }[] = [];
  socket.on('message', (bytes) => frames.push(JSON.parse(String(bytes))));
  await once(socket, 'open');
  return { socket, frames };
};
const send = (sessionId: unknown, message?: unknown, more: object = {}) => ({
  event: 'message.send',
  data: { sessionId, message },
  ...more,
});

describe('opening a socket', () => {
  it('D2 tells on connect which agents are not idle', async () => {
    const [idle, working] = [await at.newSession(), await at.newSession()];
    await at.ask(idle, '[[tokens=1]]');
    await at.say(working, '[[tokens=2 delay=60000]]');
    await at.heard(working, 'message.created', ({ role }) => role === 'assistant');
    const joined = await openBaselineClient(at.url);
    await joined.settled();
    expect(joined.frames.filter(({ event }) => event !== 'execution-tree.updated')).toEqual([
      {
        namespace: 'chat-sessions',
        event: 'agent.activity',
        data: { sessionId: working, state: 'thinking', timestamp: expect.any(String) },
      },
    ]);
    joined.close();
    await at.cancel(working);
  });

  it('D4 accepts an upgrade with a trailing slash', async () => {
    const { socket, frames } = await open('/chat-sessions/');
    const id = await at.newSession();
    // The tree of another session, which is told late, may come first.
    await expect
      .poll(() => frames)
      .toContainEqual(
        expect.objectContaining({ event: 'session.created', data: expect.objectContaining({ id }) }),
      );
    socket.close();
  });

  it('D5 has another path and another protocol, for those who ask for it', async () => {
    for (const path of ['/live', '/chat-sessions']) {
      const socket = new WebSocket(`${at.url.replace('http', 'ws')}${path}`, 'callboard.v1');
      const [first] = await once(socket, 'message');
      expect(JSON.parse(String(first))).toMatchObject({ event: 'hello' });
      socket.close();
    }
    expect(await refusedUpgrade(at.server.port, '/live')).toMatchObject({ status: 400 });
  });

  it('D6 accepts no other subprotocol and no other path', async () => {
    const socket = new WebSocket(`${at.url.replace('http', 'ws')}/logs`, 'graphql-ws');
    // The client fails the connection, because none of its protocols was accepted.
    socket.on('error', () => {});
    const [response] = await once(socket, 'upgrade');
    expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
    await once(socket, 'close');
    expect(await refusedUpgrade(at.server.port, '/nowhere')).toMatchObject({
      status: 404,
      body: { statusCode: 404, message: 'Cannot GET /nowhere' },
    });
  });
});

describe('while a socket is open', () => {
  it('D9 a slow reader gets every durable event, but not every partial', async () => {
    const { socket, frames } = await open('/chat-messages');
    const session = await at.newSession();
    socket.pause();
    await at.ask(session, '[[think=1 tokens=2500 delay=0]]');
    socket.resume();
    const next = await at.newSession();
    await at.say(next, '[[think=1 tokens=2 delay=0]]');
    const isLast = ({ event, data }: (typeof frames)[number]) =>
      event === 'message.reasoning.completed' && data['sessionId'] === next;
    while (!frames.some(isLast)) await once(socket, 'message');
    const mine = frames.filter(({ data }) => data['sessionId'] === session).map(({ event }) => event);
    expect(mine.filter((event) => event === 'message.reasoning.completed')).toHaveLength(1);
    expect(mine.filter((event) => event === 'message.partial').length).toBeLessThan(2500);
    socket.close();
  });
});

describe('frames of a client', () => {
  it('D11 a bad frame is answered, and the socket stays open', async () => {
    const frames = ['x', '[]', '{"data":1}', '{"event":"nope","data":{}}'];
    const answers = await at.exceptions(frames);
    expect(answers.map(({ code }) => code)).toEqual(['bad_json', 'bad_frame', 'bad_frame', 'unknown_event']);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'error', message: expect.any(String) });
    expect(at.client.socket('chat-sessions').readyState).toBe(WebSocket.OPEN);
  });

  it('D12 message.send without a message is refused, and stores nothing', async () => {
    const session = await at.newSession();
    expect(await at.exceptions([send(session)])).toMatchObject([{ code: 'validation_failed' }]);
    expect(await at.list(session)).toEqual([]);
  });

  it('D13 message.send with wrong values is refused', async () => {
    const session = await at.newSession();
    const answers = await at.exceptions([
      send(session, { content: 5 }),
      send(session, { content: '' }),
      send(session, { content: 'x'.repeat(limits.contentCharactersMax + 1) }),
      send(session, { content: 'x', role: 'nobody' }),
      send('no UUID', { content: 'x' }),
    ]);
    expect(answers.map(({ code }) => code)).toEqual(Array(5).fill('validation_failed'));
    expect(await at.list(session)).toEqual([]);
  });

  it('D14 message.send to an unknown session is answered', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await at.exceptions([send(unknown, { content: 'x' })])).toMatchObject([
      { code: 'not_found', message: `Chat session ${unknown} not found` },
    ]);
  });

  it('D15 message.send on another namespace is told where it belongs', async () => {
    const session = await at.newSession();
    expect(await at.exceptions([send(session, { content: 'x' })], 'tools')).toMatchObject([
      { code: 'unknown_event', message: expect.stringContaining('/chat-sessions') },
    ]);
    expect(await at.list(session)).toEqual([]);
  });

  it('D16 unknown keys are ignored', async () => {
    const session = await at.newSession();
    const frame = {
      event: 'message.send',
      data: { sessionId: session, message: { content: '[[tokens=1]]', colour: 'red' }, colour: 'red' },
      colour: 'red',
    };
    at.client.socket('chat-sessions').send(JSON.stringify(frame));
    await at.ended(session, 1);
    expect(await at.list(session)).toMatchObject([{ role: 'user' }, { role: 'assistant' }]);
  });

  it('D17 an exception repeats the id of its frame', async () => {
    const answers = await at.exceptions([
      { event: 'nope', id: 7 },
      { event: 'nope', id: 'seven' },
      { event: 'message.send', id: { seven: 7 } },
    ]);
    expect(answers.map(({ id, code }) => [id, code])).toEqual([
      [7, 'unknown_event'],
      ['seven', 'unknown_event'],
      [undefined, 'bad_frame'],
    ]);
  });

  it('D18 a frame over the limit ends the connection', async () => {
    const { socket } = await open('/chat-sessions');
    socket.on('error', () => {});
    socket.send(' '.repeat(3 * 1024 * 1024));
    expect(await once(socket, 'close')).toMatchObject([1006, expect.anything()]);
  });

  it('D19 a text frame that is not UTF-8 ends the connection, a binary one does not', async () => {
    const { socket, frames } = await open('/chat-sessions');
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    socket.send(bytes, { binary: true });
    await once(socket, 'message');
    expect(frames).toMatchObject([{ event: 'exception', data: { code: 'bad_utf8' } }]);
    socket.send(bytes, { binary: false });
    expect(await once(socket, 'close')).toMatchObject([1006, expect.anything()]);
  });

  it('D20 frames that come faster than they are answered are refused', async () => {
    const session = await at.newSession();
    const frame = send(session, { role: 'assistant', content: 'x' });
    const count = limits.socketCommandsMax + 10;
    const socket = connect(at.server.port, '127.0.0.1');
    // In one piece, so that the server reads them before it can answer the first.
    const frames = Array.from({ length: count }, () => clientFrame(JSON.stringify(frame)));
    socket.write(handshake('/chat-sessions'));
    await once(socket, 'data');
    socket.write(Buffer.concat(frames));
    let received = '';
    while (!received.includes('"code":"socket_busy"')) received += String((await once(socket, 'data'))[0]);
    expect(received).toContain('"retryable":true');
    socket.destroy();
  });
});
