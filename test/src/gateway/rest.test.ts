/**
 * REST through real sockets: every route, every error shape, and the order of the checks.
 * The services behind the gateway are fakes; what they were asked is part of what is checked.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JournalUnavailable } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { refusal, refused } from '../../../schema/refusal.ts';
import { at, fakeServices, logEntry, session, sessionId, unknownId } from './fake-services.ts';
import { type RunningGateway, rawExchange, runGateway } from './running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());
beforeEach(() => {
  const { answerAddMessage, beforeRead, isReady } = fakeServices();
  Object.assign(running.services, { answerAddMessage, beforeRead, isReady });
  running.services.calls.length = 0;
  running.log.lines.length = 0;
});

/** The body that a refusal must have, its keys in order. */
function errorText(status: number, error: string, path: string, message: string): string {
  return JSON.stringify({
    statusCode: status,
    timestamp: at,
    path,
    message,
    details: { error, statusCode: status },
  });
}

const unknownRoute = '/nowhere';

describe('routes', () => {
  const one = `/chat-sessions/${sessionId}`;
  const message = {
    id: '1d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31',
    sessionId,
    role: 'user',
    content: 'hi',
    createdAt: at,
  };
  const config = { features: { traces: true, logs: true, chat: true }, theme: 'dark' };
  const rows: [method: string, path: string, body: unknown, status: number, answer: unknown][] = [
    ['GET', '/health', undefined, 200, { status: 'ok' }],
    ['GET', '/health/ready', undefined, 200, { status: 'ready' }],
    ['GET', '/chat-sessions', undefined, 200, [session]],
    ['POST', '/chat-sessions', { title: 'Hi', description: null }, 201, { ...session, title: 'Hi' }],
    ['GET', one, undefined, 200, session],
    ['PATCH', one, {}, 200, session],
    ['PATCH', `${one}/archive`, undefined, 200, { ...session, status: 'archived' }],
    ['GET', `${one}/messages`, undefined, 200, []],
    ['POST', `${one}/messages`, { content: 'hi' }, 201, message],
    ['GET', '/traces', undefined, 200, []],
    ['GET', '/config', undefined, 200, config],
    ['PATCH', '/config', { features: { chat: true } }, 200, config],
    ['GET', '/logs', undefined, 200, [logEntry]],
    ['POST', '/logs', undefined, 201, logEntry],
  ];
  it.each(rows)('[HTTP1] %s %s answers as the baseline does', async (method, path, body, status, answer) => {
    const response =
      body === undefined ? await running.request(path, { method }) : await running.send(method, path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual(answer);
  });

  it('[HTTP1] DELETE answers 204 without a body or its length', async () => {
    const response = await running.request(one, { method: 'DELETE' });
    expect(response.status).toBe(204);
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toBe('');
  });

  it('[HTTP1] the door is given what the body says', async () => {
    await running.send('PATCH', one, { title: 'New', description: null, extra: 1 });
    expect(running.services.calls).toEqual([
      ['updateSession', sessionId, { title: 'New', description: null }],
    ]);
  });

  it('[HTTP2] an unknown route or method is a 404 that names it', async () => {
    const put = await running.request('/config?x=1', { method: 'PUT' });
    expect(put.status).toBe(404);
    expect(await put.text()).toBe(errorText(404, 'Not Found', '/config?x=1', 'Cannot PUT /config?x=1'));
    for (const path of ['/', '//', '/chat-sessions//', '/chat-sessions/x/y/z', '/Config', '/%63onfig']) {
      const response = await running.request(path);
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it('[HTTP2] one trailing slash is ignored', async () => {
    for (const path of ['/health/', '/chat-sessions/', `${one}/`, `${one}/messages/`, '/config/?a=b']) {
      const response = await running.request(path);
      expect([path, response.status]).toEqual([path, 200]);
    }
  });

  it('[HTTP2] HEAD answers with the headers of GET and no body, errors included', async () => {
    for (const path of ['/health', '/chat-sessions', '/openapi', unknownRoute, '/chat-sessions/x']) {
      const get = await running.request(path);
      const head = await running.request(path, { method: 'HEAD' });
      expect(head.status).toBe(get.status);
      expect(await head.text()).toBe('');
      const [ofGet, ofHead] = [get, head].map(({ headers }) =>
        [...headers].filter(([name]) => name !== 'date' && name !== 'content-length'),
      );
      expect(ofHead).toEqual(ofGet);
      // "HEAD" and "GET" in the message of a 404 differ by one character.
      const difference = path === unknownRoute ? 1 : 0;
      const length = Number(get.headers.get('content-length'));
      expect(Number(head.headers.get('content-length'))).toBe(length + difference);
      expect(Buffer.byteLength(await get.text())).toBe(length);
    }
  });

  it('[HTTP17] readiness is refused until the server is ready', async () => {
    running.services.isReady = false;
    const response = await running.request('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ message: 'Server is not ready', retryable: true });
    expect((await running.request('/health')).status).toBe(200);
  });
});

describe('errors', () => {
  it('[HTTP4] has the five keys in order, and the query in its path', async () => {
    const path = `/chat-sessions/${unknownId}?a=%20b&c`;
    const response = await running.request(path);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe(
      errorText(404, 'Not Found', path, `Chat session ${unknownId} not found`),
    );
  });

  it('[HTTP4] names what a validation found, per property', async () => {
    const response = await running.send('POST', '/chat-sessions', { title: '', description: 7 });
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(
      JSON.stringify({
        statusCode: 400,
        timestamp: at,
        path: '/chat-sessions',
        message: 'Validation failed',
        details: {
          errors: [
            { property: 'title', constraints: { isNotEmpty: 'title should not be empty' } },
            { property: 'description', constraints: { isString: 'description must be a string' } },
          ],
        },
      }),
    );
  });

  it('[HTTP13] a refusal that a retry can cure says so, and when', async () => {
    running.services.answerAddMessage = async () => refused(refusal('queue_full', 'Too many turns wait'));
    const response = await running.send('POST', `/chat-sessions/${sessionId}/messages`, { content: 'hi' });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ message: 'Too many turns wait', retryable: true });
    expect((await running.request(unknownRoute)).headers.get('retry-after')).toBeNull();
  });

  it('[HTTP15] an unexpected error is a 500 that tells the client nothing and the log everything', async () => {
    running.services.beforeRead = () => {
      throw new Error('the secret cause');
    };
    const response = await running.request('/traces?apiKey=hidden');
    expect(response.status).toBe(500);
    expect(await response.text()).toBe(
      errorText(500, 'Internal Server Error', '/traces?apiKey=hidden', 'Internal server error'),
    );
    const [[level, , context] = []] = running.log.lines;
    expect(level).toBe('error');
    expect(JSON.stringify(context)).toContain('the secret cause');
    expect(JSON.stringify(context)).not.toContain('hidden');
  });

  it('[HTTP15] storage that is away is a 503 that can be retried', async () => {
    running.services.beforeRead = () => {
      throw new JournalUnavailable('database is down');
    };
    const response = await running.request('/chat-sessions');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ message: 'Storage is not available', retryable: true });
    expect(running.log.lines).toEqual([]);
  });
});

describe('ids', () => {
  it('[HTTP6] any UUID is an id, the nil and the max one included, and nothing else is', async () => {
    const uuids = [
      unknownId,
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '01890a5d-ac96-774b-bcce-b302099a8057',
      '01890A5D-AC96-774B-BCCE-B302099A8057',
    ];
    for (const id of uuids) {
      const response = await running.request(`/chat-sessions/${id}`);
      expect(await response.json()).toMatchObject({ message: `Chat session ${id} not found` });
    }
    for (const id of ['x', '%', '%zz', `${sessionId}0`, sessionId.slice(1), `${sessionId}%00`]) {
      const path = `/chat-sessions/${id}`;
      const response = await running.request(path);
      expect(response.status).toBe(400);
      expect(await response.text()).toBe(
        errorText(400, 'Bad Request', path, 'Validation failed (uuid is expected)'),
      );
    }
  });

  it('[HTTP6] an id is compared as given: no case folding', async () => {
    expect((await running.request(`/chat-sessions/${sessionId.toUpperCase()}`)).status).toBe(404);
  });
});

describe('bodies', () => {
  const json = { 'content-type': 'application/json' };
  const post = (body: string | Buffer | undefined, headers: Record<string, string> = json) =>
    running.request('/chat-sessions', { method: 'POST', headers, ...(body === undefined ? {} : { body }) });

  it('[HTTP5] a body over the limit is refused, declared or not, and the connection is closed', async () => {
    const path = '/chat-sessions';
    for (const size of [limits.bodyBytesMax + 1, 5_000_000]) {
      const response = await post(`{"title":"${'x'.repeat(size - 12)}"}`);
      expect(response.status).toBe(413);
      expect(response.headers.get('connection')).toBe('close');
      expect(await response.text()).toBe(
        errorText(413, 'Payload Too Large', path, 'Request body must not be larger than 65536 bytes'),
      );
    }
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const received = await rawExchange(running.port, `${head}${chunk.repeat(3)}`);
    expect(received).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
    expect(running.services.calls).toEqual([]);
  });

  it('[HTTP5] a body of exactly the limit is read', async () => {
    const padding = ' '.repeat(limits.bodyBytesMax - '{"title":"x"}'.length);
    expect((await post(`{"title":"x"}${padding}`)).status).toBe(201);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['application/json; charset=latin1'],
    [''],
  ])('[HTTP7] a body of type "%s" is refused', async (type) => {
    const response = await post(Buffer.from('{"title":"x"}'), { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      message: 'Request body must be application/json in UTF-8, not compressed',
    });
  });

  it('[HTTP7] a compressed body is refused', async () => {
    expect((await post('{}', { ...json, 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it.each([['application/json; charset=UTF-8'], ['APPLICATION/JSON'], ['application/merge-patch+json']])(
    '[HTTP7] a body of type "%s" is read',
    async (type) => {
      expect((await post('{"title":"x"}', { 'content-type': type })).status).toBe(201);
    },
  );

  it('[HTTP8] a body that is not UTF-8 or not JSON is refused', async () => {
    const bad = await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ message: 'Request body must be valid UTF-8' });
    for (const text of ['{', '{"title":}', ' ', 'undefined', "{'a':1}"]) {
      const response = await post(text);
      expect([text, response.status]).toEqual([text, 400]);
      expect(await response.json()).toMatchObject({ message: 'Request body must be valid JSON' });
    }
    expect(running.services.calls).toEqual([]);
  });

  it('[HTTP9] JSON that is not an object is refused; no body counts as {}', async () => {
    for (const text of ['[]', 'null', '"x"', '1', 'true']) {
      const response = await post(text);
      expect([text, response.status]).toEqual([text, 400]);
      expect(await response.json()).toMatchObject({ message: 'Request body must be a JSON object' });
    }
    const empty = await post(undefined, {});
    expect(await empty.json()).toMatchObject({ details: { errors: [{ property: 'title' }] } });
    expect((await running.request('/config', { method: 'PATCH' })).status).toBe(200);
  });

  it.each<[string, string, unknown]>([
    ['POST', '/chat-sessions', {}],
    ['POST', '/chat-sessions', { title: null }],
    ['POST', '/chat-sessions', { title: {} }],
    ['POST', '/chat-sessions', { title: 'x'.repeat(121) }],
    ['POST', '/chat-sessions', { title: 'x', description: 'x'.repeat(281) }],
    ['POST', '/chat-sessions', { title: 'x\0' }],
    ['PATCH', `/chat-sessions/${sessionId}`, { title: null }],
    ['POST', `/chat-sessions/${sessionId}/messages`, { content: '' }],
    ['POST', `/chat-sessions/${sessionId}/messages`, { content: 'x', role: 'robot' }],
    ['PATCH', '/config', { theme: 'pink' }],
    ['PATCH', '/config', { features: { chat: 'yes' } }],
  ])('[HTTP10] %s %s refuses %j', async (method, path, body) => {
    const response = await running.send(method, path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: 'Validation failed' });
    expect(running.services.calls).toEqual([]);
  });

  it('[HTTP10] characters are counted, not UTF-16 units, and unknown keys are ignored', async () => {
    expect((await running.send('POST', '/chat-sessions', { title: '🎭'.repeat(120), x: 1 })).status).toBe(
      201,
    );
  });
});

describe('order of the checks', () => {
  it('[HTTP3] body, route, key, validity, id, existence', async () => {
    const guarded = await runGateway({ apiKeys: ['k'] });
    const key = { 'x-api-key': 'k' };
    const bad = `/chat-sessions/not-a-uuid`;
    const missing = `/chat-sessions/${unknownId}`;
    const patch = async (path: string, body: string, headers: Record<string, string> = {}) => {
      const response = await guarded.request(path, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      return response.status;
    };
    const message = async (path: string, body: string) => {
      const response = await guarded.request(path, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/json', ...key },
      });
      const parsed: unknown = await response.json();
      return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
    };
    try {
      expect(await patch('/nowhere', '{')).toBe(400);
      expect(await patch('/nowhere', '{}')).toBe(404);
      expect(await patch(bad, '{"title":1}')).toBe(401);
      expect(await message(bad, '{"title":1}')).toBe('Validation failed');
      expect(await message(bad, '{"title":"x"}')).toBe('Validation failed (uuid is expected)');
      expect(await message(missing, '{"title":"x"}')).toBe(`Chat session ${unknownId} not found`);
      expect(guarded.services.calls).toEqual([['updateSession', unknownId, { title: 'x' }]]);
    } finally {
      await guarded.gateway.close();
    }
  });
});

describe('lists', () => {
  it('[HTTP12] without parameters a list is whole up to its cap', async () => {
    await running.request('/chat-sessions');
    await running.request('/traces');
    await running.request(`/chat-sessions/${sessionId}/messages`);
    expect(running.services.calls).toEqual([
      ['sessions', { limit: limits.listRowsMax }],
      ['traces', { limit: limits.listRowsMax }],
      ['session', sessionId],
      ['messages', sessionId, { limit: limits.listRowsMax }],
    ]);
  });

  it('[HTTP12] limit and before page through a list', async () => {
    await running.request(`/chat-sessions?limit=2&before=${unknownId}&other=1`);
    expect(running.services.calls).toEqual([['sessions', { limit: 2, before: unknownId }]]);
  });

  it.each([
    'limit=0',
    'limit=5001',
    'limit=-1',
    'limit=1.5',
    'limit=',
    'limit=x',
    'limit=1&limit=2',
    'before=x',
  ])('[HTTP12] ?%s is refused', async (query) => {
    const response = await running.request(`/traces?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      message: 'Validation failed',
      details: { errors: [{ property: query.split('=')[0] }] },
    });
  });

  it('[HTTP12] the messages of an unknown session are not an empty list', async () => {
    expect((await running.request(`/chat-sessions/${unknownId}/messages`)).status).toBe(404);
  });

  it('[HTTP19] logs take offset and limit, 0 and 50 by default', async () => {
    await running.request('/logs');
    await running.request('/logs?offset=10&limit=3');
    expect(running.services.calls).toEqual([
      ['logs', 0, 50],
      ['logs', 10, 3],
    ]);
    expect((await running.request('/logs?offset=-1')).status).toBe(400);
  });
});

describe('the transport', () => {
  it('[HTTP11] a path over the limit is refused', async () => {
    const path = `/${'a'.repeat(limits.pathUnitsMax)}`;
    const response = await running.request(path);
    expect(response.status).toBe(414);
    expect(await response.json()).toMatchObject({
      path,
      message: 'Path must not be longer than 4096 characters',
    });
    expect((await running.request(path.slice(0, -1))).status).toBe(404);
  });

  it.each([
    ['431', `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(limits.requestHeadBytesMax)}\r\n\r\n`],
    ['505', 'GET /health HTTP/1.0\r\nHost: x\r\n\r\n'],
    ['400', 'GET /health HTTP/1.1\r\n\r\n'],
    ['400', 'POST /logs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['400', 'POST /logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('[HTTP11] what is not sound HTTP/1.1 gets a bare %s and is disconnected', async (status, bytes) => {
    expect(await rawExchange(running.port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await running.request('/health')).status).toBe(200);
  });

  it('[HTTP16] a client that goes away while it waits disturbs nobody', async () => {
    let release = () => {};
    const reading = new Promise<void>((asked) => {
      running.services.beforeRead = () => {
        asked();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      };
    });
    const socket = connect(running.port, '127.0.0.1');
    socket.write('GET /traces HTTP/1.1\r\nHost: x\r\n\r\n');
    await reading;
    socket.resetAndDestroy();
    // The server sees the reset before it accepts what comes later.
    expect((await running.request('/health')).status).toBe(200);
    release();
    expect((await running.request('/health')).status).toBe(200);
    expect(running.log.lines).toEqual([]);
  });

  it('[HTTP16] a client that goes away in the middle of its body disturbs nobody', async () => {
    const socket = connect(running.port, '127.0.0.1');
    socket.write('POST /chat-sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"title');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await running.request('/health')).status).toBe(200);
    expect(running.services.calls).toEqual([]);
  });
});
