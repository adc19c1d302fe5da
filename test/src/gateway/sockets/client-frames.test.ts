/** Clients' frames through real sockets: which succeed, which are answered with an exception, and in what order. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../schema/chat-message.ts';
import { limits } from '../../../../schema/limits.ts';
import { accepted, type Outcome } from '../../../../schema/refusal.ts';
import { baselineNamespaces } from '../../../../schema/wire-event-table.ts';
import { sessionId, unknownId } from '../fake-services.ts';
import { Client, type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
let client: Client;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());
beforeEach(async () => {
  running.services.calls.length = 0;
  running.log.lines.length = 0;
  running.services.answerAddMessage = async (message) => accepted(message);
  client = await Client.open(running.port, '/chat-sessions');
  return async () => {
    client.socket.close();
    await client.closed;
  };
});

const send = (content: string, session: string = sessionId) => ({ sessionId: session, message: { content } });

function exception(code: string, message: string, more: object = {}) {
  return { event: 'exception', data: { status: 'error', code, message, ...more } };
}

it('[FRM10] a text frame and a binary frame with the same JSON are obeyed alike, and without an answer', async () => {
  const frame = JSON.stringify({ event: 'message.send', data: send('hi'), extra: 1 });
  client.socket.send(frame);
  client.socket.send(Buffer.from(frame));
  client.send('message.send', send('third'), 3);
  await client.settled();
  expect(running.services.calls).toEqual([
    ['addMessage', sessionId, 'hi'],
    ['addMessage', sessionId, 'hi'],
    ['addMessage', sessionId, 'third'],
  ]);
  expect(client.unread).toBe(0);
});

it.each<[rule: string, bytes: string | Buffer, answer: object]>([
  ['[FRM1]', 'not json', exception('bad_json', 'A frame must be valid JSON')],
  ['[FRM1]', '', exception('bad_json', 'A frame must be valid JSON')],
  ['[FRM1]', Buffer.from([]), exception('bad_json', 'A frame must be valid JSON')],
  ['[FRM2]', Buffer.from([0x22, 0xff, 0x22]), exception('bad_utf8', 'A frame must be valid UTF-8')],
  ['[FRM3]', '[]', exception('bad_frame', 'A frame must be a JSON object with "event" and "data"')],
  ['[FRM3]', 'null', exception('bad_frame', 'A frame must be a JSON object with "event" and "data"')],
  ['[FRM3]', '{"id":1}', exception('bad_frame', '"event" must be a string', { id: 1 })],
  ['[FRM4]', '{"event":"nope","id":"a"}', exception('unknown_event', 'Unknown event "nope"', { id: 'a' })],
  ['[FRM4]', '{"event":"toString"}', exception('unknown_event', 'Unknown event "toString"')],
  [
    '[FRM5]',
    `{"event":"message.send","data":{"sessionId":"x"},"id":2}`,
    exception('validation_failed', 'sessionId must be a valid uuid; message must be an object', { id: 2 }),
  ],
  [
    '[FRM5]',
    JSON.stringify({ event: 'message.send', data: send('') }),
    exception('validation_failed', 'message.content should not be empty'),
  ],
  ['[FRM5]', '{"event":"message.send"}', exception('validation_failed', 'body must be an object')],
  [
    '[FRM6]',
    '{"event":"nope","id":{}}',
    exception('bad_frame', '"id" must be an integer or a string of at most 128 characters'),
  ],
])('%s %s is answered with an exception, and the socket stays open', async (_rule, bytes, answer) => {
  client.socket.send(bytes);
  expect(await client.next()).toEqual(answer);
  await client.settled();
  expect(running.services.calls).toEqual([]);
});

it('[FRM7] message.send anywhere but on /chat-sessions says where it belongs', async () => {
  for (const namespace of baselineNamespaces.filter((name) => name !== 'chat-sessions')) {
    const elsewhere = await Client.open(running.port, `/${namespace}`);
    elsewhere.send('message.send', send('hi'), 'f');
    expect(await elsewhere.next()).toEqual(
      exception('unknown_event', `"message.send" belongs on /chat-sessions, not on /${namespace}`, {
        id: 'f',
      }),
    );
    elsewhere.socket.close();
  }
  expect(running.services.calls).toEqual([]);
});

it('[FRM8] frames reach the door in order, without waiting for one another', async () => {
  const contents = Array.from({ length: limits.socketCommandsMax }, (_, index) => `message ${index}`);
  const releases: (() => void)[] = [];
  running.services.answerAddMessage = (message) =>
    new Promise((resolve) => releases.push(() => resolve(accepted(message))));
  for (const content of contents) client.send('message.send', send(content));
  await client.settled();
  expect(running.services.calls.map((call) => call[2])).toEqual(contents);
  for (const release of releases) release();
});

it('[FRM8] more frames than may wait are refused, and accepted again when the others are answered', async () => {
  const waiting: { message: ChatMessage; resolve: (outcome: Outcome<ChatMessage>) => void }[] = [];
  running.services.answerAddMessage = (message) =>
    new Promise((resolve) => waiting.push({ message, resolve }));
  for (let index = 0; index < limits.socketCommandsMax; index++) client.send('message.send', send('hi'));
  client.send('message.send', send('one too many'), 'over');
  expect(await client.next()).toEqual(
    exception('socket_busy', '64 frames of this socket wait for their answer', {
      retryable: true,
      id: 'over',
    }),
  );
  for (const { message, resolve } of waiting) resolve(accepted(message));
  running.services.answerAddMessage = async (message) => accepted(message);
  client.send('message.send', send('fits'));
  await client.settled();
  expect(client.unread).toBe(0);
  expect(running.services.calls.at(-1)).toEqual(['addMessage', sessionId, 'fits']);
  expect(running.services.calls).toHaveLength(limits.socketCommandsMax + 1);
});

it('[FRM9] what the door refuses is answered with its reason', async () => {
  client.send('message.send', send('hi', unknownId), 7);
  expect(await client.next()).toEqual(
    exception('not_found', `Chat session ${unknownId} not found`, { id: 7 }),
  );
});

it('[FRM9] a door that fails is a fixed answer for the client and the cause in the log', async () => {
  running.services.answerAddMessage = () => Promise.reject(new Error('the secret cause'));
  client.send('message.send', send('hi'), 8);
  expect(await client.next()).toEqual(exception('internal', 'Internal server error', { id: 8 }));
  expect(JSON.stringify(running.log.lines)).toContain('the secret cause');
});

it('[FRM9] an answer to a socket that has gone is dropped', async () => {
  let release = () => {};
  running.services.answerAddMessage = () =>
    new Promise((_, reject) => {
      release = () => reject(new Error('too late'));
    });
  const gone = await Client.open(running.port, '/chat-sessions');
  gone.send('message.send', send('hi'));
  await gone.settled();
  gone.socket.terminate();
  while (running.gateway.connections() > 1) await client.settled();
  release();
  await client.settled();
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});
