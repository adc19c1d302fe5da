/** Frames that change a session's tree and queue, and how answers end on sockets of both formats. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureText, shownMessage } from '../../../../schema/chat-message.ts';
import type { DomainEventOf } from '../../../../schema/event-catalogue.ts';
import { limits } from '../../../../schema/limits.ts';
import { clientFrameBytesMax, defaultMessageBounds } from '../../../../schema/message-bounds.ts';
import { failureIdOf } from '../../../../src/gateway/stream/failure-id.ts';
import { message as question, session, sessionId, turn, unknownId } from '../fake-services.ts';
import { Client } from '../running-gateway.ts';
import {
  type CallboardV1Gateway,
  created,
  message,
  messageId,
  runCallboardV1Gateway,
  updated,
} from './callboard-v1-gateway.ts';

let v1: CallboardV1Gateway;
beforeAll(async () => {
  v1 = await runCallboardV1Gateway();
});
afterAll(() => v1.gateway.close());
beforeEach(() => {
  v1.services.calls.length = 0;
});

const ids = { sessionId, messageId };
const text = { type: 'text', text: 'hi' };
const promptId = question.id;

describe('the commands of the tree as frames', () => {
  it.each<[event: string, data: object, call: readonly unknown[], ack: unknown]>([
    ['message.regenerate', { continue: true }, ['regenerateMessage', { continue: true }], turn],
    [
      'message.edit',
      { content: 'hi' },
      ['editMessage', { content: 'hi' }],
      shownMessage({ ...question, content: 'hi' }),
    ],
    [
      'message.edit',
      { parts: [text] },
      ['editMessage', { parts: [text] }],
      shownMessage({ ...question, content: 'hi' }),
    ],
    ['message.delete', {}, ['deleteMessage'], null],
    ['message.send-now', {}, ['sendMessageNow'], shownMessage(question)],
    ['message.steer', {}, ['steerMessage'], shownMessage(question)],
    ['branch.select', { leafId: messageId }, ['selectBranch'], { ...session, leafId: messageId }],
  ])('[TREE44] [V1B4] %s %j', async (event, data, [name, ...body], ack) => {
    const client = await v1.live();
    client.send(event, { ...ids, ...data }, 1);
    expect(await client.next()).toEqual({ event: 'ack', id: 1, data: ack });
    expect(v1.services.calls).toEqual([[name, sessionId, messageId, ...body]]);
    client.send(event, { ...ids, ...data, sessionId: unknownId }, 2);
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'not_found', id: 2 } });
    client.send(event, { sessionId }, 3);
    expect(await client.next()).toMatchObject({
      event: 'exception',
      data: { code: 'validation_failed', id: 3 },
    });
    client.socket.close();
  });

  it('[TREE44] message.send takes `queue` in the message, and beside it, which wins', async () => {
    const client = await v1.live();
    const content = 'hi';
    client.send('message.send', { sessionId, message: { content, queue: 'reject' } }, 1);
    client.send('message.send', { sessionId, message: { content, queue: 'reject' }, queue: 'replace' }, 2);
    client.send('message.send', { sessionId, message: { content }, queue: 'first' }, 3);
    for (const id of [1, 2]) expect(await client.next()).toMatchObject({ event: 'ack', id });
    expect(await client.next()).toMatchObject({
      event: 'exception',
      data: { code: 'validation_failed', id: 3 },
    });
    const baseline = await Client.open(v1.port, '/chat-sessions');
    baseline.send('message.send', { sessionId, message: { content }, queue: 'queue' });
    await baseline.settled();
    expect(v1.services.calls).toEqual(
      ['reject', 'replace', 'queue'].map((queue) => ['addMessage', sessionId, content, queue]),
    );
    client.socket.close();
    baseline.socket.close();
  });

  it('[FRM4] baseline sockets know none of them', async () => {
    const client = await Client.open(v1.port, '/chat-sessions');
    client.send('message.delete', ids, 1);
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'unknown_event', id: 1 } });
    client.socket.close();
  });
});

describe('long messages in frames', () => {
  const { contentCharactersMax, messageCharactersMax } = defaultMessageBounds;

  it.each(['/live', '/chat-sessions'])('[TREE46] are bounded as over REST on %s', async (path) => {
    const client = path === '/live' ? await v1.live() : await Client.open(v1.port, path);
    const parts = [{ type: 'text', text: '🎉'.repeat(messageCharactersMax) }];
    const frame = JSON.stringify({ event: 'message.send', data: { sessionId, message: { parts } } });
    const escaped = frame.replaceAll('🎉', '\\ud83c\\udf89');
    expect(Buffer.byteLength(escaped)).toBeLessThan(clientFrameBytesMax(defaultMessageBounds));
    client.socket.send(escaped);
    await client.settled();
    expect(v1.services.calls.map(([name]) => name)).toEqual(['addMessage']);
    client.send('message.send', { sessionId, message: { parts: [...parts, text] } }, 1);
    client.send('message.send', { sessionId, message: { content: 'x'.repeat(contentCharactersMax + 1) } }, 2);
    for (const [id, key, max] of [
      [1, 'parts', messageCharactersMax],
      [2, 'content', contentCharactersMax],
    ]) {
      expect(await client.next()).toEqual({
        event: 'exception',
        data: {
          status: 'error',
          code: 'validation_failed',
          message: `message.${key} must be shorter than or equal to ${max} characters`,
          id,
        },
      });
    }
    expect(v1.services.calls.length).toBe(1);
    client.socket.close();
  });

  it('[TREE46] an edit is measured, too', async () => {
    const client = await v1.live();
    client.send('message.edit', { ...ids, content: 'x'.repeat(contentCharactersMax + 1) }, 1);
    expect(await client.next()).toMatchObject({
      event: 'exception',
      data: { message: `content must be shorter than or equal to ${contentCharactersMax} characters` },
    });
    expect(v1.services.calls).toEqual([]);
    client.socket.close();
  });
});

describe('answers on sockets of both formats', () => {
  const answer = { ...message('Once upon'), parentId: promptId, promptId };
  const failed = {
    type: 'message.updated',
    sessionId,
    data: { ...answer, status: 'failed' },
    at: 0,
  } as const;
  const failure = {
    id: failureIdOf(messageId),
    sessionId,
    role: 'assistant',
    content: failureText,
    createdAt: new Date(0).toISOString(),
  };
  const activity = { sessionId, state: 'error', timestamp: new Date(0).toISOString() } as const;
  const errorAfter: DomainEventOf<'agent.activity'> = {
    type: 'agent.activity',
    sessionId,
    at: 0,
    data: { ...activity, failedAnswerId: failed.data.id },
  };
  const toldOfFailure = [
    { event: 'message.updated', data: message('Once upon') },
    { event: 'message.created', data: failure },
    { event: 'message.updated', data: failure },
    { event: 'agent.activity', data: activity },
  ];

  it('[TREE43] a failure after text is told to the baseline as a message more', async () => {
    const baseline = await Client.open(v1.port, '/chat-sessions');
    const live = await v1.live('?namespaces=chat-sessions');
    const seq = v1.tell(failed);
    const later = v1.tell(errorAfter);
    for (const frame of toldOfFailure) expect(await baseline.next()).toEqual(frame);
    expect(await live.next()).toEqual({ event: 'message.updated', data: shownMessage(failed.data), seq });
    expect(await live.next()).toEqual({ event: 'agent.activity', data: activity, seq: later });
    await Promise.all([baseline.settled(), live.settled()]);
    expect([baseline.unread, live.unread]).toEqual([0, 0]);
    baseline.socket.close();
    live.socket.close();
  });

  it('[TREE43] [V1D2] a baseline socket that fell behind is told the same', async () => {
    const behind = await runCallboardV1Gateway({ bounds: { hotWindowEventsMax: 3 } });
    const slow = await Client.open(behind.port, '/chat-sessions');
    slow.socket.pause();
    const large = 'x'.repeat(100_000);
    let titles = 0;
    const flood = async () => {
      behind.tell(updated(`${titles++} ${large}`));
      await new Promise((resolve) => setImmediate(resolve));
    };
    while (!behind.log.lines.some(([, line]) => line === 'a reader fell behind')) await flood();
    behind.tell({ type: 'branch.selected', sessionId, data: { sessionId, leafId: messageId }, at: 0 });
    behind.tell(failed);
    behind.tell(errorAfter);
    for (let count = 0; count < 10; count++) await flood();
    slow.socket.resume();
    const seen: unknown[] = [];
    for (let count = 0; count < titles + toldOfFailure.length; count++) seen.push(await slow.next());
    expect(seen.filter((frame) => !JSON.stringify(frame).includes(large))).toEqual(toldOfFailure);
    expect(seen.slice(-10).every((frame) => JSON.stringify(frame).includes(large))).toBe(true);
    await behind.gateway.close();
  });

  it('[TREE48] an answer that goes on is in flight again, for those who join', async () => {
    const begun = { ...answer, status: 'streaming' } as const;
    v1.tell(created('Once upon'));
    v1.piece(' a', 9, 'Once upon');
    v1.tell({ type: 'message.updated', sessionId, data: { ...answer, status: 'cut-off' }, at: 0 });
    const early = await v1.live('?namespaces=chat-messages');
    v1.tell({ type: 'message.updated', sessionId, data: begun, at: 0 });
    v1.gateway.publisher.stream({
      type: 'message.delta',
      ...ids,
      offset: 9,
      text: ' time',
      soFar: () => ({
        ...begun,
        content: 'Once upon time',
        marks: [{ offset: 9, part: { type: 'step', step: 2 } }],
      }),
    });
    // It joined when the answer had ended, so it has no text that a delta could continue.
    const whole = {
      event: 'message.partial',
      data: {
        ...begun,
        content: 'Once upon time',
        parts: [
          { type: 'text', text: 'Once upon' },
          { type: 'step', step: 2 },
          { type: 'text', text: ' time' },
        ],
      },
      snapshot: true,
    };
    expect(await early.next()).toEqual(whole);
    const late = await v1.live('?namespaces=chat-messages');
    expect(await late.next()).toEqual(whole);
    // Only the end of an answer ends its text.
    v1.tell({ type: 'message.updated', sessionId, data: begun, at: 0 });
    const later = await v1.live('?namespaces=chat-messages');
    expect(await later.next()).toMatchObject({ event: 'message.partial', snapshot: true });
    v1.tell({ type: 'message.updated', sessionId, data: { ...answer, status: 'complete' }, at: 0 });
    const after = await v1.live('?namespaces=chat-messages');
    await after.settled();
    expect(after.unread).toBe(0);
    for (const client of [early, late, later, after]) client.socket.close();
  });

  it('[TREE41] baseline sockets see growing text with the keys of the baseline', async () => {
    const baseline = await Client.open(v1.port, '/chat-messages');
    const marks = [{ offset: 0, part: { type: 'reasoning' as const, text: 'Hm' } }];
    for (const [offset, piece] of ['On', 'ce'].entries()) {
      const content = 'Once'.slice(0, offset * 2 + 2);
      v1.gateway.publisher.stream({
        type: 'message.delta',
        ...ids,
        offset: offset * 2,
        text: piece,
        soFar: () => ({ ...answer, status: 'streaming', content, marks }),
      });
      expect(await baseline.next()).toEqual({ event: 'message.partial', data: message(content) });
    }
    v1.tell({ type: 'message.updated', sessionId, data: { ...answer, status: 'complete' }, at: 0 });
    baseline.socket.close();
  });

  it('[WS7] a frame that is longer than `hello` says ends the connection', async () => {
    const client = await v1.connect('/live');
    const { frameBytesMax } = Object(await client.next()).data.limits;
    expect(frameBytesMax).toBe(clientFrameBytesMax(defaultMessageBounds));
    client.socket.send(' '.repeat(frameBytesMax));
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'bad_json' } });
    client.socket.send(' '.repeat(frameBytesMax + 1));
    expect(await client.closed).toBe(1006);
    expect(frameBytesMax).toBeGreaterThan(limits.clientFrameBytesLeast);
  });
});
