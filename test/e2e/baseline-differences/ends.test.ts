/** Rows of docs/baseline-differences.md about ends: of a server that stops or crashes, and of a client that is silent. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textAt } from '../../processes/baseline-client.ts';
import { BaselineServer, handshake } from './baseline-server.ts';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({
    ...{ CALLBOARD_WEB: 'off', CALLBOARD_SHUTDOWN_GRACE_MS: '2000', CALLBOARD_IDLE_TIMEOUT_SECONDS: '8' },
  });
});
afterAll(() => at.remove());

/** Checks again and again until the condition holds. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

it('D8 a client that answers no ping is disconnected', async () => {
  const silent = connect(at.server.port, '127.0.0.1');
  silent.write(handshake('/logs'));
  let received = Buffer.alloc(0);
  silent.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  const socket = at.client.socket('logs');
  await Promise.all([once(silent, 'close'), once(socket, 'ping')]);
  expect(received.includes(Buffer.from([0x89, 0]))).toBe(true);
  // The other sockets answer, as clients do by themselves.
  expect(socket.readyState).toBe(socket.OPEN);
});

it('D3 D40 after a crash an answer has its text and its end, and nothing is told on connect', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tokens=2000 delay=5]]');
  const partials = () => at.told(session, 'message.partial');
  await at.client.until(() => partials().length > 100);
  await at.server.end('SIGKILL');
  await at.startAgain();
  await at.client.settled();
  expect(at.told(session)).toEqual([]);
  const [, answer] = await at.list(session);
  expect(answer).toMatchObject({ role: 'assistant', status: 'interrupted' });
  expect(textAt(answer, 'content').length).toBeGreaterThan(20);
  const traces = await at.request('GET', '/traces?limit=1');
  expect(traces.body).toMatchObject([
    { status: 'failed', metadata: { error: expect.stringContaining('Interrupted') } },
  ]);
});

it('D10 D41 D68 a server that stops says so, ends its answers, and goes on with what waits', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tokens=2000 delay=5]]');
  await at.say(session, '[[tokens=1 delay=0]] waits');
  await at.heard(session, 'message.partial');
  const closed = once(at.client.socket('chat-sessions'), 'close');
  const ended = at.server.end('SIGTERM');
  await until(async () => (await at.request('GET', '/health/ready')).status === 503);
  const more = await at.request('POST', `/chat-sessions/${session}/messages`, { content: 'more' });
  expect(more).toMatchObject({ status: 503, body: { retryable: true } });
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([4000, 'server is shutting down']);
  expect(await ended).toBe(0);
  expect(at.order(session).slice(-2)).toEqual(['message.updated', 'idle']);
  await at.startAgain();
  await until(async () => (await at.list(session)).length === 4);
  expect(await at.list(session)).toMatchObject([
    { role: 'user' },
    { role: 'assistant', status: 'interrupted' },
    { role: 'user' },
    { role: 'assistant' },
  ]);
});
