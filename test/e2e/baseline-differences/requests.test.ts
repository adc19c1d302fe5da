/** Rows of docs/baseline-differences.md about requests and their answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { messageBytesMax } from '../../../schema/message-bounds.ts';
import { textAt } from '../../processes/baseline-client.ts';
import { rawExchange } from '../../src/gateway/running-gateway.ts';
import { BaselineServer, rowsOf } from './baseline-server.ts';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({ CALLBOARD_REHEARSAL_DELAY_MS: '0' });
});
afterAll(() => at.remove());

const messages = (session: string) => `/chat-sessions/${session}/messages`;
const json = { 'content-type': 'application/json' };
const fetched = (path: string, init?: RequestInit) => fetch(`${at.url}${path}`, init);
/** The statuses of one request for each body. */
const statuses = (method: string, path: string, bodies: readonly unknown[]) =>
  Promise.all(bodies.map(async (body) => (await at.request(method, path, body)).status));
/** A request as it is on the wire, its body sent with it. */
const raw = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('lists', () => {
  it('D42 each question comes before its answer, and what waits comes last', async () => {
    const session = await at.newSession();
    await at.say(session, '[[tokens=2 delay=60000]] one');
    await at.heard(session, 'message.partial');
    const waits = await at.say(session, '[[tokens=1]] two');
    expect((await at.list(session)).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect((await at.list(session)).at(-1)).toMatchObject({ id: waits, queueRank: expect.any(Number) });
    await at.request('POST', `${messages(session)}/${waits}/send-now`);
    await at.ended(session, 2);
    const path = await at.list(session);
    expect(path.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(path.map(({ promptId }) => promptId)).toEqual([undefined, path[0]?.['id'], undefined, waits]);
    const created = (await at.list(session, '?branch=all')).map(({ createdAt }) => String(createdAt));
    expect(created).toEqual(created.toSorted());
  });

  it('D43 messages and sessions have more keys', async () => {
    const session = await at.newSession({ options: { temperature: 0 }, autoTitle: true });
    await at.ask(session, '[[tokens=1]]');
    const [question, answer] = await at.list(session);
    const known = ['id', 'sessionId', 'role', 'content', 'createdAt'];
    expect(Object.keys(question ?? {})).toEqual([...known, 'author', 'parentId', 'status', 'parts']);
    expect(Object.keys(answer ?? {})).toEqual([
      ...known,
      ...['parentId', 'promptId', 'finishReason', 'status', 'parts'],
    ]);
    const shown = await at.request('GET', `/chat-sessions/${session}`);
    expect(shown.body).toMatchObject({ leafId: answer?.['id'], options: { temperature: 0 } });
    // Baseline sockets are told of neither.
    const told = at.told(session, 'message.updated', 'session.updated').map(({ data }) => Object.keys(data));
    expect(new Set(told.flat())).toEqual(new Set([...known, 'title', 'status', 'updatedAt']));
  });

  it('D87 who takes part is not told', async () => {
    const session = await at.newSession();
    const added = await at.request('POST', `/chat-sessions/${session}/participants`, {
      id: 'ada',
      role: 'observer',
    });
    expect(added.status).toBe(201);
    await at.request('PATCH', `/chat-sessions/${session}`, { title: 'After' });
    await at.heard(session, 'session.updated', ({ title }) => title === 'After');
    expect(at.told(session).filter(({ event }) => event.startsWith('participant'))).toEqual([]);
  });

  it('D88 D89 a closed session keeps its status and takes no messages', async () => {
    const session = await at.newSession();
    const closed = await at.request('POST', `/chat-sessions/${session}/close`);
    expect(closed).toMatchObject({ status: 200, body: { status: 'active', closedAt: expect.any(String) } });
    expect(
      (await at.request('POST', `/chat-sessions/${session}/messages`, { content: 'Hello' })).status,
    ).toBe(409);
    const data = { sessionId: session, message: { content: 'Hello' } };
    expect(await at.exceptions([{ event: 'message.send', data }])).toMatchObject([{ code: 'conflict' }]);
    for (const told of at.told(session, 'session.updated')) expect(told.data).not.toHaveProperty('closedAt');
  });

  it('D44 a failure is the status of its answer', async () => {
    const session = await at.newSession();
    await at.ask(session, '[[tokens=4 fail=mid]]');
    expect(await at.list(session)).toMatchObject([{ role: 'user' }, { role: 'assistant', status: 'failed' }]);
  });

  it('D45 a message may be longer than 4,000 characters', async () => {
    const session = await at.newSession();
    const text = 'x'.repeat(5000);
    const sent = await at.request('POST', messages(session), {
      role: 'assistant',
      parts: [{ type: 'text', text }],
    });
    expect(sent.status).toBe(201);
    expect(await at.list(session)).toMatchObject([{ content: text }]);
    expect(await at.heard(session, 'message.created')).toMatchObject({ content: text });
  });

  it('D81 content is empty where there is no text', async () => {
    const session = await at.newSession();
    const parts = [{ type: 'data', name: 'point', data: { x: 1 } }];
    await at.request('POST', messages(session), { role: 'assistant', parts });
    expect(await at.list(session)).toMatchObject([{ content: '', parts }]);
    expect(await at.heard(session, 'message.created')).toMatchObject({ content: '' });
  });

  it('D46 a list has at most its newest 5,000 rows', async () => {
    const rows = limits.listRowsMax + 1;
    const id = (index: number) => `00000001-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const time = '2026-01-01T00:00:00.000Z';
    const imported = await at.request('POST', '/chat-sessions/import', {
      callboard: 'transcript',
      version: 1,
      session: { title: 'Long', createdAt: time, updatedAt: time },
      leafId: id(rows - 1),
      messages: Array.from({ length: rows }, (_, index) => ({
        id: id(index),
        role: 'user',
        createdAt: time,
        parentId: index === 0 ? null : id(index - 1),
        status: 'complete',
        parts: [{ type: 'text', text: String(index) }],
      })),
      turns: [],
      calls: [],
    });
    const list = await at.list(textAt(imported.body, 'id'));
    expect([list.length, list[0]?.['content'], list.at(-1)?.['content']]).toEqual([
      limits.listRowsMax,
      '1',
      String(rows - 1),
    ]);
  });

  it('D47 a read sees what was written before', async () => {
    const session = await at.newSession();
    for (const title of ['one', 'two', 'three', 'four', 'five']) {
      await at.request('PATCH', `/chat-sessions/${session}`, { title });
      expect(await at.request('GET', `/chat-sessions/${session}`)).toMatchObject({ body: { title } });
      expect(rowsOf((await at.request('GET', '/chat-sessions')).body)[0]).toMatchObject({
        id: session,
        title,
      });
    }
  });

  it('D48 text is stored well-formed, and without U+0000', async () => {
    const session = await at.newSession();
    const of = (content: string) => ({ role: 'assistant', content });
    expect(await at.request('POST', messages(session), of('a\ud800b'))).toMatchObject({
      status: 201,
      body: { content: 'a\ufffdb' },
    });
    expect(await at.request('POST', messages(session), of('a\0b'))).toMatchObject({ status: 400 });
    expect(await at.list(session)).toHaveLength(1);
  });

  it('D49 lists page and select', async () => {
    const session = await at.newSession({ title: 'Pelican' });
    const [one, two] = [
      await at.say(session, 'one', { role: 'assistant' }),
      await at.say(session, 'two', { role: 'assistant' }),
    ];
    expect(await at.list(session, '?limit=1')).toMatchObject([{ id: two }]);
    expect(await at.list(session, `?before=${two}`)).toMatchObject([{ id: one }]);
    const found = await at.request('GET', '/chat-sessions?q=pelican&status=active');
    expect(found.body).toMatchObject([{ id: session }]);
    expect(rowsOf((await at.request('GET', '/traces?limit=1')).body)).toHaveLength(1);
    const wrong = [
      ...['/chat-sessions?limit=no', '/chat-sessions?limit=1&limit=2', '/chat-sessions?status=lost'],
      ...[`${messages(session)}?before=no`, `${messages(session)}?branch=no`, '/traces?limit=0'],
    ];
    for (const path of wrong) expect([path, (await at.request('GET', path)).status]).toEqual([path, 400]);
  });

  it('D50 pages of the log are whole numbers', async () => {
    expect((await at.request('GET', '/logs?offset=0&limit=5000')).status).toBe(200);
    for (const query of ['offset=-1', 'limit=many', 'limit=5001']) {
      expect([query, (await at.request('GET', `/logs?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('requests', () => {
  it('D51 values of the wrong type are refused, with every error', async () => {
    expect(await at.request('POST', '/chat-sessions', { title: {}, description: [] })).toMatchObject({
      status: 400,
      body: {
        message: 'Validation failed',
        details: {
          errors: [
            { property: 'title', constraints: { isString: 'title must be a string' } },
            { property: 'description', constraints: { isString: 'description must be a string' } },
          ],
        },
      },
    });
    const session = await at.newSession();
    expect(await statuses('POST', messages(session), [{ content: {} }, { content: 5 }])).toEqual([400, 400]);
  });

  it('D52 a config that is not one is refused, and changes nothing', async () => {
    const before = await at.request('GET', '/config');
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}`, true]));
    const patches = [
      { theme: 'neon' },
      { features: { chat: 'yes' } },
      { features: { '': true } },
      { features: { ['x'.repeat(257)]: true } },
      { features: many },
      { apiUrl: 5 },
    ];
    expect(await statuses('PATCH', '/config', patches)).toEqual(patches.map(() => 400));
    expect(await at.request('GET', '/config')).toEqual(before);
  });

  it('D53 a title alone keeps the description', async () => {
    const session = await at.newSession({ description: 'kept' });
    expect(await at.request('PATCH', `/chat-sessions/${session}`, { title: 'New' })).toMatchObject({
      status: 200,
      body: { title: 'New', description: 'kept' },
    });
  });

  it('D54 a title that is null is refused', async () => {
    const session = await at.newSession();
    expect(await statuses('PATCH', `/chat-sessions/${session}`, [{ title: null }])).toEqual([400]);
  });

  it('D55 an oversize body is 413, and the connection is closed', async () => {
    const body = JSON.stringify({ title: 'x'.repeat(limits.bodyBytesMax) });
    const received = await rawExchange(at.server.port, raw('/chat-sessions', body));
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(received).toContain('"error":"Payload Too Large"');
  });

  it('D56 a body that is no JSON object in UTF-8 is refused', async () => {
    const post = async (body: string | Buffer, type: string) =>
      (await fetched('/chat-sessions', { method: 'POST', body, headers: { 'content-type': type } })).status;
    expect(await post('title=x', 'application/x-www-form-urlencoded')).toBe(415);
    expect(await post('{"title":"x"}', 'text/plain')).toBe(415);
    expect(await post('[]', 'application/json')).toBe(400);
    expect(await post(Buffer.from('7b227469746c65223a22ff227d', 'hex'), 'application/json')).toBe(400);
  });

  it('D57 the route of messages takes larger bodies', async () => {
    const session = await at.newSession();
    const bytesMax = messageBytesMax({
      contentCharactersMax: limits.contentCharactersMax,
      messageCharactersMax: limits.messageCharactersMax,
    });
    const body = JSON.stringify({ role: 'assistant', content: 'x' });
    const padded = (bytes: number) => body + ' '.repeat(bytes - body.length);
    const post = (bytes: number) =>
      fetched(messages(session), { method: 'POST', headers: json, body: padded(bytes) });
    expect((await post(bytesMax)).status).toBe(201);
    // Its length is declared and nothing of it is sent: a connection that is closed on unread bytes may lose the answer.
    const [head = ''] = raw(messages(session), padded(bytesMax + 1)).split('\r\n\r\n');
    expect(await rawExchange(at.server.port, `${head}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    expect(bytesMax / 1024 / 1024).toBeCloseTo(2.5, 0);
  });

  it('D59 some keys of bodies mean something that had no meaning', async () => {
    const session = await at.newSession();
    const id = '11111111-1111-4111-8111-111111111111';
    const sent = await statuses('POST', messages(session), [
      { id, role: 'assistant', content: 'once' },
      { id, role: 'assistant', content: 'once' },
    ]);
    expect(sent).toEqual([201, 201]);
    expect(await at.list(session)).toMatchObject([{ id, content: 'once' }]);
    const wrong = [{ id: 'no' }, { parts: 'no' }, { options: 'no' }, { queue: 'no' }];
    expect(
      await statuses(
        'POST',
        messages(session),
        wrong.map((more) => ({ content: 'x', ...more })),
      ),
    ).toEqual([400, 400, 400, 400]);
    const sessions = [{ options: 'no' }, { autoTitle: 'no' }].map((more) => ({ title: 'x', ...more }));
    expect(await statuses('POST', '/chat-sessions', sessions)).toEqual([400, 400]);
  });

  it('D60 a request that was named has one effect', async () => {
    const post = (title: string) =>
      fetched('/chat-sessions', {
        method: 'POST',
        headers: { ...json, 'idempotency-key': 'D60' },
        body: JSON.stringify({ title }),
      });
    const [first, second, other] = [await post('Once'), await post('Once'), await post('Other')];
    expect([first.status, second.status, other.status]).toEqual([201, 201, 409]);
    expect(await second.json()).toEqual(await first.json());
  });

  it('D61 where too much waits, a request is refused that can be sent again', async () => {
    const session = await at.newSession();
    await at.say(session, '[[tokens=2 delay=60000]]');
    for (let index = 0; index < limits.turnsWaitingMax; index++) await at.say(session, 'waits');
    const refused = await fetched(messages(session), {
      method: 'POST',
      headers: json,
      body: '{"content":"x"}',
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ statusCode: 429, retryable: true });
    expect(await at.list(session)).toHaveLength(limits.turnsWaitingMax + 2);
    await at.cancel(session);
  });

  it('D63 names and ids of tool calls have at most 256 characters', async () => {
    const session = await at.newSession();
    const of = (count: number) => ({ role: 'tool', content: 'x', name: 'n'.repeat(count) });
    const callOf = (count: number) => ({ role: 'tool', content: 'x', toolCallId: 'n'.repeat(count) });
    const bodies = [of(256), of(257), callOf(256), callOf(257)];
    expect(await statuses('POST', messages(session), bodies)).toEqual([201, 400, 201, 400]);
  });

  it('D64 paths are case-sensitive, and bounded', async () => {
    expect(await at.request('GET', '/CONFIG')).toMatchObject({ status: 404, body: { path: '/CONFIG' } });
    const long = await at.request('GET', `/config?${'x'.repeat(limits.pathUnitsMax)}`);
    expect(long).toMatchObject({ status: 414, body: { statusCode: 414 } });
  });
});

describe('answers', () => {
  it('D66 JSON is not cached and has no tag', async () => {
    const { headers, status } = await fetched('/config', { headers: { 'if-none-match': '*' } });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('etag')).toBe(null);
  });

  it('D67 what is no HTTP is answered by the transport', async () => {
    const head = `GET /config HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(limits.requestHeadBytesMax)}\r\n\r\n`;
    const bytes = [head, 'GET /config HTTP/1.1\r\n\r\n', 'GET /config HTTP/1.0\r\nHost: localhost\r\n\r\n'];
    const received = await Promise.all(bytes.map((one) => rawExchange(at.server.port, one)));
    expect(received.map((text) => text.slice(0, 13))).toEqual([
      'HTTP/1.1 431 ',
      'HTTP/1.1 400 ',
      'HTTP/1.1 505 ',
    ]);
    expect(received.join('')).not.toContain('statusCode');
  });

  it('D69 there are pages', async () => {
    for (const path of ['/', '/inspect']) {
      const page = await fetched(path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      await page.text();
    }
  });

  it('D70 there are more routes', async () => {
    const session = await at.newSession();
    const more = [
      ...[`/chat-sessions/${session}/runs`, `/chat-sessions/${session}/tool-calls`],
      ...[`/chat-sessions/${session}/transcript`, '/tool-calls?status=running'],
    ];
    for (const path of more) expect([path, (await at.request('GET', path)).status]).toEqual([path, 200]);
    const { body } = await at.request('GET', '/openapi.json');
    expect(body).toMatchObject({
      paths: {
        '/events': expect.anything(),
        '/files': expect.anything(),
        '/inspect/machines': expect.anything(),
      },
    });
  });

  it('D71 documents are made from the schemas, and their pages have no scripts', async () => {
    expect((await at.request('GET', '/openapi.json')).body).toMatchObject({ openapi: /^3\.1/ });
    expect((await at.request('GET', '/asyncapi.json')).body).toMatchObject({ asyncapi: /^3\./ });
    for (const path of ['/openapi', '/asyncapi']) {
      const page = await (await fetched(path)).text();
      expect(page).toContain('<html');
      expect(page).not.toContain('<script');
    }
  });
});
