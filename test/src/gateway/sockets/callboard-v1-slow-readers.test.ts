/**
 * Slow readers, through real sockets: what they get when they read again, and what happens to those that never do
 * ([V1D1]–[V1D4], [WS9]).
 */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { limits } from '../../../../schema/limits.ts';
import { closeCodes } from '../../../../schema/wire/close-codes.ts';
import { sessionId } from '../fake-services.ts';
import { Client } from '../running-gateway.ts';
import {
  activity,
  type CallboardV1Gateway,
  created,
  ended,
  message,
  messageId,
  runCallboardV1Gateway,
  updated,
} from './callboard-v1-gateway.ts';

const large = 'x'.repeat(100_000);

/**
 * Publishes events, a tick apart, until so many more readers have fallen behind (the size of the kernel's buffers is
 * not known), and then `count` more. Returns how many events there are.
 */
async function flood(v1: CallboardV1Gateway, { count = 1, behind = 0 }): Promise<number> {
  const fallen = () => v1.log.lines.filter(([, line]) => line === 'a reader fell behind').length;
  const wanted = fallen() + behind;
  for (let after = 0; after < count; ) {
    v1.tell(updated(`${v1.committed.length} ${large}`));
    await new Promise((resolve) => setImmediate(resolve));
    if (fallen() >= wanted) after++;
  }
  return v1.committed.length;
}

const seqOf = (frame: unknown) => Reflect.get(Object(frame), 'seq');

it('[V1D1] [WS9] a v1 reader that falls behind gets all it missed, once, and the text in flight as one snapshot', async () => {
  const v1 = await runCallboardV1Gateway();
  const slow = await v1.live('?namespaces=chat-sessions,chat-messages');
  const other = await v1.live('?namespaces=chat-sessions');
  slow.socket.pause();
  v1.tell(activity('thinking'));
  v1.tell(created('a'));
  v1.piece('a', 0);
  await flood(v1, { count: 200, behind: 1 });
  for (let offset = 1; offset < 1000; offset++) v1.piece('b', offset, `a${'b'.repeat(offset - 1)}`);
  const last = v1.tell(updated('last'));
  // A reader that keeps up is not held up.
  for (let seq = 1; seq <= last; seq++) expect(seqOf(await other.next())).toBe(seq);
  slow.socket.resume();
  let text = '';
  let deltas = 0;
  for (let next = 1; next <= last; ) {
    const frame = await slow.next();
    const { event, data, seq } = Object(frame);
    if (event === 'message.delta') {
      expect(data.offset).toBe(text.length);
      text += data.text;
      deltas++;
    } else expect(seq).toBe(next++);
  }
  // First what was growing when it returned, then what continues that.
  expect(await slow.next()).toMatchObject({ event: 'agent.activity', snapshot: true });
  const content = `a${'b'.repeat(999)}`;
  expect(await slow.next()).toEqual({
    event: 'message.partial',
    data: shownMessage(message(content)),
    snapshot: true,
  });
  expect(deltas).toBeLessThan(10);
  v1.piece('c', 1000, content);
  expect(await slow.next()).toMatchObject({ event: 'message.delta', data: { offset: 1000, text: 'c' } });
  expect(v1.reads).toBeGreaterThan(0);
  await v1.gateway.close();
});

it('[V1D1] answers to its own frames wait for a reader that is behind; too many end the connection', async () => {
  const v1 = await runCallboardV1Gateway({ bounds: { socketAnswersOwedMax: 40 } });
  const slow = await v1.live('?namespaces=chat-sessions');
  slow.socket.pause();
  const last = await flood(v1, { count: 30, behind: 1 });
  for (let id = 0; id < 40; id++) slow.send('ping', null, id);
  // A second socket is answered after the server has handled everything before.
  const other = await v1.live();
  other.send('ping', null, 'x');
  await other.next();
  slow.socket.resume();
  for (let seq = 1, id = 0; seq <= last || id < 40; ) {
    const frame = Object(await slow.next());
    if (frame.event === 'ack') expect(frame.id).toBe(id++);
    else expect(frame.seq).toBe(seq++);
  }
  slow.socket.pause();
  await flood(v1, { count: 30, behind: 1 });
  for (let id = 0; id <= 40; id++) slow.send('ping', null, id);
  while (v1.gateway.connections() > 1) await flood(v1, { count: 1 });
  slow.socket.resume();
  expect(await slow.closed).toBe(closeCodes.stalledReader.code);
  await v1.gateway.close();
});

it('[V1D2] a baseline reader that falls behind gets every durable event in order, then what is live', async () => {
  const v1 = await runCallboardV1Gateway();
  const slow = await Client.open(v1.port, '/chat-sessions');
  slow.socket.pause();
  const last = await flood(v1, { count: 200, behind: 1 });
  slow.socket.resume();
  for (let index = 0; index < last; index++) {
    expect(await slow.next()).toEqual({
      event: 'session.updated',
      data: expect.objectContaining({ title: `${index} ${large}` }),
    });
  }
  v1.tell(updated('live'));
  expect(await slow.next()).toMatchObject({ data: { title: 'live' } });
  expect(v1.reads).toBeGreaterThan(0);
  await v1.gateway.close();
});

it('[V1D2] partials that a baseline reader missed are conflated to the newest', async () => {
  const v1 = await runCallboardV1Gateway();
  const slow = await Client.open(v1.port, '/chat-messages');
  slow.socket.pause();
  v1.tell(created('x'));
  let content = '';
  for (let count = 0; count < 400; count++) {
    const text = `${count % 10}`.repeat(1000);
    v1.piece(text, content.length, content);
    content += text;
    await new Promise((resolve) => setImmediate(resolve));
  }
  slow.socket.resume();
  let partials = 0;
  for (let newest = ''; newest !== content; partials++) {
    const frame = Object(await slow.next());
    expect(frame).toEqual({ event: 'message.partial', data: message(frame.data.content) });
    expect(frame.data.content.startsWith(newest)).toBe(true);
    newest = frame.data.content;
  }
  expect(partials).toBeLessThan(300);
  v1.piece('!', content.length, content);
  expect(await slow.next()).toEqual({ event: 'message.partial', data: message(`${content}!`) });
  v1.tell(ended(`${content}!`));
  await v1.gateway.close();
});

it('[V1D2] a baseline reader is told to reconnect when what it missed is no longer kept', async () => {
  const v1 = await runCallboardV1Gateway({ bounds: { hotWindowEventsMax: 10 } });
  const slow = await Client.open(v1.port, '/chat-sessions');
  slow.socket.pause();
  v1.oldest = await flood(v1, { count: 30, behind: 1 });
  slow.socket.resume();
  expect(await slow.closed).toBe(closeCodes.eventsLost.code);
  await v1.gateway.close();
});

it('[V1A4] [V1D1] a v1 reader is told to resync when what it missed is no longer kept', async () => {
  const v1 = await runCallboardV1Gateway({ bounds: { hotWindowEventsMax: 10 } });
  const slow = await v1.live('?namespaces=chat-sessions');
  slow.socket.pause();
  const last = await flood(v1, { count: 30, behind: 1 });
  v1.oldest = last;
  slow.socket.resume();
  for (let next = 1; ; next++) {
    const frame = Object(await slow.next());
    if (frame.event !== 'resync') {
      expect(frame.seq).toBe(next);
      continue;
    }
    expect(frame.data).toEqual({ reason: 'retention', seq: last });
    break;
  }
  const seq = v1.tell(updated('live'));
  expect(await slow.next()).toMatchObject({ seq });
  await v1.gateway.close();
});

it('[V1D3] a reader that does not drain in time is closed with 4001', async () => {
  const v1 = await runCallboardV1Gateway({ bounds: { stallMsMax: 50 } });
  const readers = [await v1.live('?namespaces=chat-sessions'), await Client.open(v1.port, '/chat-sessions')];
  for (const { socket } of readers) socket.pause();
  await flood(v1, { behind: 2 });
  while (v1.gateway.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
  for (const { socket, closed } of readers) {
    const reason = once(socket, 'close');
    socket.resume();
    expect(await closed).toBe(closeCodes.stalledReader.code);
    expect(String((await reason)[1])).toBe(closeCodes.stalledReader.reason);
  }
  await v1.gateway.close();
});

it('[V1D1] memory per connection is bounded while a reader stalls', async () => {
  const v1 = await runCallboardV1Gateway({ bounds: { hotWindowEventsMax: 10 } });
  const before = process.memoryUsage().rss;
  const readers = await Promise.all(Array.from({ length: 10 }, () => v1.live('?namespaces=chat-sessions')));
  for (const { socket } of readers) socket.pause();
  const event = updated(large);
  for (let index = 0; index < 1000; index++) {
    v1.committed.length = 0;
    v1.gateway.publisher.durable(event, index + 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A hundred megabytes were published to each.
  const grown = process.memoryUsage().rss - before;
  expect(grown).toBeLessThan(10 * (limits.socketBudgetBytes * 4) + 150 * 1024 * 1024);
  for (const { socket } of readers) socket.terminate();
  await v1.gateway.close();
});

it('[V1A3] a text that ends while its reader is behind is whole all the same', async () => {
  const v1 = await runCallboardV1Gateway();
  const slow = await v1.live(`?sessionId=${sessionId}`);
  slow.socket.pause();
  v1.tell(created('a'));
  v1.piece('a', 0);
  await flood(v1, { count: 30, behind: 1 });
  v1.piece('b', 1, 'a');
  const end = v1.tell(ended('ab'));
  slow.socket.resume();
  for (;;) {
    const frame = Object(await slow.next());
    if (frame.seq !== end) {
      expect(frame.event).not.toBe('message.partial');
      continue;
    }
    expect(frame.data).toEqual(shownMessage(message('ab', messageId)));
    break;
  }
  await slow.settled();
  expect(slow.unread).toBe(0);
  await v1.gateway.close();
});
