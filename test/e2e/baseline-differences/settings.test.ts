/** Rows of docs/baseline-differences.md that need settings: API keys, bounds, compression, a tool that waits. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Frame, openBaselineClient, textAt } from '../../processes/baseline-client.ts';
import { refusedUpgrade } from '../../src/gateway/running-gateway.ts';
import { BaselineServer } from './baseline-server.ts';

const [mine, theirs] = ['key-of-mine', 'key-of-theirs'];
/** With keys. */
let closed: BaselineServer;
/** Without keys, with other settings. */
let at: BaselineServer;
beforeAll(async () => {
  [closed, at] = await Promise.all([
    BaselineServer.start(
      { CALLBOARD_WEB: 'off', CALLBOARD_API_KEYS: `${mine},${theirs}` },
      { query: `?apiKey=${mine}` },
    ),
    BaselineServer.start(
      {
        ...{ CALLBOARD_WEB: 'off', CALLBOARD_REHEARSAL_DELAY_MS: '0', CALLBOARD_COMPRESSION: 'on' },
        ...{ CALLBOARD_CONTENT_CHARACTERS_MAX: '300', CALLBOARD_PREVIEW_UNITS_MAX: '100' },
      },
      { config: { tools: { clock: { approval: 'always' } } } },
    ),
  ]);
});
afterAll(() => Promise.all([closed.remove(), at.remove()]));

const post = (path: string, body: string, key?: string) =>
  fetch(`${closed.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }) },
  });

it('D1 with API keys, an upgrade without one is refused', async () => {
  for (const path of ['/chat-sessions', '/logs', '/chat-sessions?apiKey=wrong']) {
    expect(await refusedUpgrade(closed.server.port, path)).toMatchObject({
      status: 401,
      body: { message: 'Invalid or missing API key' },
    });
  }
  const allowed = await openBaselineClient(closed.url, `?apiKey=${theirs}`);
  allowed.close();
});

it('D90 without keys, only loopback hosts and pages of the server itself are served', async () => {
  const { port } = at.server;
  const body = { message: expect.stringContaining('"allowedOrigins": ["http://localhost:5173"]') };
  const origin = 'http://localhost:5173';
  for (const path of ['/chat-sessions', '/logs']) {
    expect(await refusedUpgrade(port, path, { headers: { origin } })).toMatchObject({ status: 403, body });
    expect(await refusedUpgrade(port, path, { headers: { host: 'evil.example' } })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('"allowedHosts": ["evil.example"]') },
    });
  }
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    expect((await fetch(`${at.url}/chat-sessions`, { method, headers: { origin } })).status).toBe(403);
  }
  const own = await fetch(`${at.url}/chat-sessions`, { headers: { origin: at.url } });
  expect(own.status).toBe(200);
});

it('D98 with several keys, messages of other roles than user need a scope', async () => {
  const { id } = JSON.parse(await (await post('/chat-sessions', '{"title":"Mine"}', mine)).text());
  const said = (role: string) => JSON.stringify({ role, content: 'Hello' });
  expect((await post(`/chat-sessions/${id}/messages`, said('user'), mine)).status).toBe(201);
  const refused = await post(`/chat-sessions/${id}/messages`, said('assistant'), mine);
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { message: 'This needs the scope roles' },
  ]);
  const message = { role: 'system', content: 'Hello' };
  const frame = { event: 'message.send', data: { sessionId: id, message } };
  expect(await closed.exceptions([frame])).toMatchObject([{ code: 'forbidden' }]);
});

it('D91 with keys, an origin is echoed, and allowed no credentials', async () => {
  const origin = 'https://app.example';
  const { status, headers } = await fetch(`${closed.url}/config?apiKey=${mine}`, { headers: { origin } });
  expect(status).toBe(200);
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-allow-credentials')).toBeNull();
});

it('D7 compression is allowed where the setting says so', async () => {
  const extensions = async ({ url }: BaselineServer) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/logs`);
    await once(socket, 'open');
    socket.close();
    return socket.extensions;
  };
  const closedSocket = closed.client.socket('logs');
  expect(closedSocket.extensions).toBe('');
  expect(await extensions(at)).toContain('permessage-deflate');
});

it('D26 a call that waits for a person is told as one that runs', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tool=clock tokens=1]]');
  const { id: call, status } = await at.heard(session, 'tool.call');
  expect(status).toBe('running');
  const waiting = await at.request('GET', `/chat-sessions/${session}/tool-calls?status=awaitingApproval`);
  expect(waiting.body).toMatchObject([{ id: call }]);
  await at.client.settled();
  expect(at.told(session, 'tool.result')).toEqual([]);
  await at.request('POST', `/chat-sessions/${session}/tool-calls/${call}/approve`);
  await at.ended(session, 1);
  const told = at.told(session, 'tool.call', 'tool.result');
  expect(told.map(({ data }: Frame) => [data['id'], data['status']])).toEqual([
    [call, 'running'],
    [call, 'completed'],
  ]);
  const keys = ['sessionId', 'id', 'name', 'status', 'arguments', 'result', 'timestamp', 'agentId'];
  for (const { data } of told) expect(Object.keys(data)).toEqual(keys);
});

it('D58 on routes that take larger bodies the key comes first', async () => {
  const made = await post('/chat-sessions', '{"title":"x"}', mine);
  const messages = `/chat-sessions/${textAt(await made.json(), 'id')}/messages`;
  expect((await post(messages, '{')).status).toBe(401);
  expect((await post(messages, '{', mine)).status).toBe(400);
  expect((await post('/chat-sessions', '{')).status).toBe(400);
});

it('D62 the length of content and of previews is a setting', async () => {
  const session = await at.newSession();
  const send = (content: string) =>
    at.request('POST', `/chat-sessions/${session}/messages`, { role: 'assistant', content });
  expect([(await send('x'.repeat(300))).status, (await send('x'.repeat(301))).status]).toEqual([201, 400]);
  await at.ask(session, `[[tool=nope tokens=1 args=${JSON.stringify({ text: 'x'.repeat(150) })}]]`);
  const { arguments: preview } = await at.heard(session, 'tool.call');
  expect(preview).toBe(`${`{"text":"${'x'.repeat(150)}`.slice(0, 100)}…`);
});

it('D65 a 401 says how a key is given', async () => {
  const refused = await post('/chat-sessions', '{"title":"x"}');
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});

it('D78 each key has a layout of its own', async () => {
  const layout = async (key: string, body?: object) => {
    const response = await fetch(`${closed.url}/user/preferences/layout`, {
      method: body === undefined ? 'GET' : 'PUT',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  await layout(mine, { chat: { templates: { short: 'x' } } });
  expect(await layout(mine)).toMatchObject({ chat: { templates: { short: 'x' } } });
  expect(await layout(theirs)).toMatchObject({ chat: { templates: {} } });
});
