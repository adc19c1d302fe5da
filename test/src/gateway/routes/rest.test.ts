/**
 * REST through real sockets: every route, every error shape, ids and lists. The services behind the gateway are
 * fakes; their recorded calls are checked, too.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JournalUnavailable } from '../../../../actors/ports.ts';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { messageIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { refusal, refused } from '../../../../schema/refusal.ts';
import { at, fakeServices, logEntry, message, session, sessionId, unknownId } from '../fake-services.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

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
    status: 'complete',
    parts: [{ type: 'text', text: 'hi' }],
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

describe('lists', () => {
  it('[HTTP28] a list of messages that is too long for memory is the same list, in pages', async () => {
    const long = Array.from({ length: 40 }, (_, index) => {
      const id = messageIdSchema.parse(crypto.randomUUID());
      return { ...message, id, content: `${index} "é👋" `.repeat(2000) };
    });
    running.services.stored = long;
    const path = `/chat-sessions/${sessionId}/messages`;
    const response = await running.request(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.json()).toEqual(long.map(shownMessage));
    expect(running.services.calls.map(([name]) => name)).not.toContain('messages');
    const head = await running.request(path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    running.services.stored = [];
  });

  it('[HTTP12] without parameters a list is whole up to its cap', async () => {
    await running.request('/chat-sessions');
    await running.request('/traces');
    await running.request(`/chat-sessions/${sessionId}/messages`);
    expect(running.services.calls).toEqual([
      ['sessions', { limit: limits.listRowsMax }],
      ['traces', { limit: limits.listRowsMax }],
      ['session', sessionId],
      ['messages', sessionId, { limit: limits.listRowsMax }, 'current'],
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

  it('[SRC1] q and filters find sessions; without them the list is the same as ever', async () => {
    const response = await running.request(
      '/chat-sessions?q=%E4%B8%AD%E6%96%87%20%22x&status=archived&activity=idle&updatedAfter=2026-11-23T04:40:00%2B01:00',
    );
    expect(await response.json()).toMatchObject([{ id: sessionId, snippets: [] }]);
    await running.request(`/chat-sessions?updatedBefore=2026-11-23T04:40:00Z&limit=500&before=${unknownId}`);
    await running.request('/chat-sessions?q=');
    await running.request('/chat-sessions?other=1');
    expect(running.services.calls).toEqual([
      [
        'findSessions',
        {
          limit: limits.searchPageSessions,
          q: '中文 "x',
          status: 'archived',
          activity: 'idle',
          updatedAfter: Date.UTC(2026, 10, 23, 3, 40),
        },
      ],
      ['findSessions', { limit: 500, before: unknownId, updatedBefore: Date.UTC(2026, 10, 23, 4, 40) }],
      ['findSessions', { limit: limits.searchPageSessions, q: '' }],
      ['sessions', { limit: limits.listRowsMax }],
    ]);
  });

  it.each([
    `q=${'x'.repeat(limits.searchCharactersMax + 1)}`,
    'q=a%00b',
    'q=a&q=b',
    'limit=101&q=a',
    'status=odd',
    'activity=odd',
    'updatedAfter=yesterday',
    'updatedBefore=2026-11-23T04:40:00',
  ])('[SRC1] ?%.40s is refused', async (query) => {
    const response = await running.request(`/chat-sessions?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: { errors: [{ property: query.split('=')[0] }] } });
    expect(running.services.calls).toEqual([]);
  });

  it('[SRC1] a text of 10,000 characters does not fit into a path', async () => {
    expect((await running.request(`/chat-sessions?q=${'x'.repeat(10_000)}`)).status).toBe(414);
    expect((await running.request(`/chat-sessions?q=${'%F0%9F%99%82'.repeat(200)}`)).status).toBe(200);
  });

  it('[HTTP22] the runs of a session are read, the newest of them; those of an unknown one are 404', async () => {
    const response = await running.request(`/chat-sessions/${sessionId}/runs?limit=2`);
    expect([response.status, await response.json()]).toEqual([200, []]);
    expect(running.services.calls).toContainEqual(['sessionRuns', sessionId, { limit: 2 }]);
    expect((await running.request(`/chat-sessions/${sessionId}/runs?limit=0`)).status).toBe(400);
    expect((await running.request(`/chat-sessions/${unknownId}/runs`)).status).toBe(404);
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
