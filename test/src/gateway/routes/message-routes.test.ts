/** The REST routes that change a session's tree and queue: what reaches the door, and what the client is answered. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { messageIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { defaultMessageBounds, messageBytesMax } from '../../../../schema/message-bounds.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { message, session, sessionId, turn, unknownId } from '../fake-services.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());
beforeEach(() => {
  running.services.calls.length = 0;
  running.services.stored = [];
});

const leafId = messageIdSchema.parse(exampleIds.answer);
const one = `/chat-sessions/${sessionId}`;
const ofMessage = `${one}/messages/${message.id}`;
const text = { type: 'text', text: 'hi' };

describe('the commands of the tree over REST', () => {
  const rows: [
    method: string,
    path: string,
    body: unknown,
    call: readonly unknown[],
    status: number,
    answer: unknown,
  ][] = [
    [
      'POST',
      `${ofMessage}/regenerate`,
      { continue: true },
      ['regenerateMessage', sessionId, message.id, { continue: true }],
      201,
      turn,
    ],
    [
      'POST',
      `${ofMessage}/regenerate`,
      undefined,
      ['regenerateMessage', sessionId, message.id, {}],
      201,
      turn,
    ],
    [
      'PATCH',
      ofMessage,
      { content: 'hi' },
      ['editMessage', sessionId, message.id, { content: 'hi' }],
      201,
      shownMessage({ ...message, content: 'hi' }),
    ],
    [
      'PATCH',
      ofMessage,
      { parts: [text, text] },
      ['editMessage', sessionId, message.id, { parts: [text, text] }],
      201,
      { ...shownMessage({ ...message, content: 'hihi' }), parts: [text, text] },
    ],
    ['DELETE', ofMessage, undefined, ['deleteMessage', sessionId, message.id], 204, null],
    [
      'POST',
      `${ofMessage}/send-now`,
      undefined,
      ['sendMessageNow', sessionId, message.id],
      200,
      shownMessage(message),
    ],
    [
      'POST',
      `${ofMessage}/steer`,
      undefined,
      ['steerMessage', sessionId, message.id],
      200,
      shownMessage(message),
    ],
    ['PUT', `${one}/branch`, { leafId }, ['selectBranch', sessionId, leafId], 200, { ...session, leafId }],
    [
      'POST',
      `${one}/fork`,
      { messageId: leafId, title: 'Copy' },
      ['forkSession', sessionId, { messageId: leafId, title: 'Copy' }],
      201,
      { ...session, id: unknownId, leafId, forkedFrom: { sessionId, messageId: leafId } },
    ],
  ];
  it.each(rows)('[TREE44] %s %s %j', async (method, path, body, call, status, answer) => {
    const response =
      body === undefined ? await running.request(path, { method }) : await running.send(method, path, body);
    expect(running.services.calls).toEqual([call]);
    expect(response.status).toBe(status);
    expect(status === 204 ? null : await response.json()).toEqual(answer);
  });

  it.each(rows)('[TREE44] %s %s %j of an unknown session is 404', async (method, path, body) => {
    const elsewhere = path.replace(sessionId, unknownId);
    const response =
      body === undefined
        ? await running.request(elsewhere, { method })
        : await running.send(method, elsewhere, body);
    expect(response.status).toBe(404);
  });

  it.each([
    ['POST', `${one}/messages/x/regenerate`, {}, 'bad id'],
    ['PATCH', `${one}/messages/x`, { content: 'hi' }, 'bad id'],
    ['DELETE', `${one}/messages/x`, undefined, 'bad id'],
    ['POST', `${one}/messages/x/send-now`, undefined, 'bad id'],
    ['POST', `${one}/messages/x/steer`, undefined, 'bad id'],
    ['PATCH', ofMessage, {}, 'bad value'],
    ['PATCH', ofMessage, { content: '' }, 'bad value'],
    ['PATCH', ofMessage, { content: 'hi', parts: [text] }, 'bad value'],
    ['POST', `${ofMessage}/regenerate`, { continue: 'yes' }, 'bad value'],
    ['PUT', `${one}/branch`, {}, 'bad value'],
    ['PUT', `${one}/branch`, { leafId: null }, 'bad value'],
    ['POST', `${one}/fork`, { messageId: 1 }, 'bad value'],
    ['POST', `${one}/messages`, { content: 'hi', queue: 'first' }, 'bad value'],
    ['GET', `${one}/messages?branch=mine`, undefined, 'bad value'],
  ])('[TREE44] [HTTP3] [HTTP10] %s %s %j is refused for its %s', async (method, path, body, fault) => {
    const response =
      body === undefined ? await running.request(path, { method }) : await running.send(method, path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      message: fault === 'bad id' ? 'Validation failed (uuid is expected)' : 'Validation failed',
    });
    expect(running.services.calls).toEqual([]);
  });

  it('[TREE44] a message says what becomes of it while another is answered', async () => {
    for (const queue of ['queue', 'replace', 'reject']) {
      expect((await running.send('POST', `${one}/messages`, { content: 'hi', queue })).status).toBe(201);
    }
    expect(running.services.calls).toEqual(
      ['queue', 'replace', 'reject'].map((queue) => ['addMessage', sessionId, 'hi', queue]),
    );
  });
});

describe('the messages of a session', () => {
  it('[TREE45] are those of the current branch, or all of the tree', async () => {
    for (const query of ['', '?branch=current', '?branch=all&limit=2']) {
      await running.request(`${one}/messages${query}`);
    }
    const lists = running.services.calls.filter(([name]) => name === 'messages');
    expect(lists).toEqual([
      ['messages', sessionId, { limit: limits.listRowsMax }, 'current'],
      ['messages', sessionId, { limit: limits.listRowsMax }, 'current'],
      ['messages', sessionId, { limit: 2 }, 'all'],
    ]);
  });

  it('[TREE40] [TREE45] are shown with status and parts', async () => {
    running.services.stored = [
      { ...message, parentId: null },
      {
        ...message,
        id: leafId,
        role: 'assistant',
        content: 'Ten.',
        parentId: message.id,
        promptId: message.id,
        status: 'cut-off',
        marks: [{ offset: 0, part: { type: 'reasoning', text: 'Hm' } }],
      },
    ];
    expect(await (await running.request(`${one}/messages`)).json()).toEqual([
      { ...message, parentId: null, status: 'complete', parts: [{ type: 'text', text: message.content }] },
      {
        ...message,
        id: leafId,
        role: 'assistant',
        content: 'Ten.',
        parentId: message.id,
        promptId: message.id,
        status: 'cut-off',
        parts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'text', text: 'Ten.' },
        ],
      },
    ]);
  });
});

describe('long messages', () => {
  const tooLong = (property: string, max: number) => ({
    message: 'Validation failed',
    details: {
      errors: [
        {
          property,
          constraints: { maxLength: `${property} must be shorter than or equal to ${max} characters` },
        },
      ],
    },
  });
  const { contentCharactersMax, messageCharactersMax } = defaultMessageBounds;
  const places = [
    ['POST', `${one}/messages`],
    ['PATCH', ofMessage],
  ] as const;

  it.each(places)('[TREE46] %s %s takes content up to its limit', async (method, path) => {
    const content = '🎉'.repeat(contentCharactersMax);
    expect((await running.send(method, path, { content })).status).toBe(201);
    const refused = await running.send(method, path, { content: `${content}.` });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject(tooLong('content', contentCharactersMax));
  });

  it.each(places)(
    '[TREE46] %s %s takes parts up to theirs, however they are escaped',
    async (method, path) => {
      const long = { type: 'text', text: '🎉'.repeat(messageCharactersMax - 1) };
      const escaped = JSON.stringify({ parts: [long, { type: 'text', text: '.' }] }).replaceAll(
        '🎉',
        '\\ud83c\\udf89',
      );
      const headers = { 'content-type': 'application/json' };
      expect((await running.request(path, { method, headers, body: escaped })).status).toBe(201);
      const refused = await running.send(method, path, { parts: [long, text] });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject(tooLong('parts', messageCharactersMax));
    },
  );

  it.each(places)(
    '[TREE46] [HTTP23] %s %s takes no more bytes than such a message can have',
    async (method, path) => {
      const padding = ' '.repeat(messageBytesMax(defaultMessageBounds));
      const headers = { 'content-type': 'application/json' };
      const response = await running.request(path, { method, headers, body: `{"content":"hi"}${padding}` });
      expect(response.status).toBe(413);
    },
  );

  it('[TREE46] [HTTP3] an id that is no UUID is noticed after a message that is too long', async () => {
    const content = 'x'.repeat(contentCharactersMax + 1);
    const response = await running.send('PATCH', `${one}/messages/x`, { content });
    expect(await response.json()).toMatchObject({ message: 'Validation failed' });
  });
});
