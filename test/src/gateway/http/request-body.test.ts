/** Which bodies a request may have, and when they are checked, through real sockets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { at, fakeServices, sessionId, unknownId } from '../fake-services.ts';
import { type RunningGateway, rawExchange, runGateway } from '../running-gateway.ts';

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
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
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
