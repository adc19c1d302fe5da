/** Named commands and cancelling, over real HTTP, across a kill. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { type BaselineClient, openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

describe('commands over REST', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let client: BaselineClient;
  let session: string;

  const start = async () => {
    server = await startServer({ dataFolder: folder.path, env: { CALLBOARD_REHEARSAL_DELAY_MS: '5' } });
    client = await openBaselineClient(server.url);
  };

  const named = async (method: string, path: string, key: string, body: unknown, apiKey?: string) => {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(apiKey ? { 'x-api-key': apiKey } : {}),
    };
    const response = await fetch(`${server.url}${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };

  beforeEach(async () => {
    folder = await temporaryFolder();
    await start();
    session = textAt((await request(server.url, 'POST', '/chat-sessions', { title: 'Commands' })).body, 'id');
  });

  afterEach(async () => {
    client.close();
    await server.end();
    await folder.remove();
  });

  it('[CMD4] replays the stored answer of an Idempotency-Key, also after kill -9', async () => {
    const first = await named('POST', '/chat-sessions', 'one', { title: 'Once' });
    expect(first.status).toBe(201);
    expect(await named('POST', '/chat-sessions/', 'one', { title: 'Once' })).toEqual(first);
    const path = `/chat-sessions/${textAt(first.body, 'id')}`;
    const removed = await named('DELETE', path, 'two', undefined);
    expect(removed).toEqual({ status: 204, body: null });
    client.close();
    await server.end('SIGKILL');
    await start();
    expect(await named('POST', '/chat-sessions', 'one', { title: 'Once' })).toEqual(first);
    expect(await named('DELETE', path, 'two', undefined)).toEqual(removed);
    expect((await request(server.url, 'DELETE', path)).status).toBe(404);
    const { body } = await request(server.url, 'GET', '/chat-sessions');
    expect(body).toHaveLength(1);
  });

  it('[CMD4] [CMD2] refuses a key that was used for another request with 409, and one that is too long with 400', async () => {
    await named('POST', '/chat-sessions', 'key', { title: 'A' });
    for (const [method, path, body] of [
      ['POST', '/chat-sessions', { title: 'B' }],
      ['PATCH', '/config', { title: 'A' }],
      ['DELETE', `/chat-sessions/${session}`, undefined],
    ] as const) {
      expect(await named(method, path, 'key', body)).toMatchObject({
        status: 409,
        body: { details: { error: 'Conflict', statusCode: 409 } },
      });
    }
    expect((await request(server.url, 'GET', `/chat-sessions/${session}`)).status).toBe(200);
    const tooLong = 'k'.repeat(limits.idempotencyKeyCharactersMax + 1);
    expect((await named('POST', '/chat-sessions', tooLong, { title: 'A' })).status).toBe(400);
    expect((await named('POST', '/chat-sessions', tooLong.slice(1), { title: 'A' })).status).toBe(201);
  });

  it('[CMD1] [CMD2] takes a client-made message id over REST and over a socket', async () => {
    const message = { id: randomUUID(), content: '[[tokens=2 delay=0]]' };
    const path = `/chat-sessions/${session}/messages`;
    const first = await request(server.url, 'POST', path, message);
    expect(first).toMatchObject({ status: 201, body: { id: message.id } });
    expect(await request(server.url, 'POST', path, message)).toEqual(first);
    const socket = client.socket('chat-sessions');
    socket.send(JSON.stringify({ event: 'message.send', data: { sessionId: session, message }, id: 1 }));
    const other = { ...message, content: 'other' };
    socket.send(
      JSON.stringify({ event: 'message.send', data: { sessionId: session, message: other }, id: 2 }),
    );
    await client.until((frames) => frames.some((frame) => frame.event === 'exception'));
    expect(client.frames.filter((frame) => frame.event === 'exception')).toMatchObject([
      { data: { code: 'conflict', id: 2 } },
    ]);
    expect((await request(server.url, 'POST', path, other)).status).toBe(409);
    await client.until((frames) => frames.some((frame) => frame.event === 'trace.updated'));
    const { body } = await request(server.url, 'GET', path);
    expect(body).toMatchObject([{ id: message.id }, { role: 'assistant' }]);
  });

  it('[CAN1] stops an answer and keeps its text; losing every client does not', async () => {
    const path = `/chat-sessions/${session}/messages`;
    const prompt = await request(server.url, 'POST', path, { content: '[[tokens=5000 delay=5]]' });
    await client.until((frames) => frames.some((frame) => frame.event === 'message.partial'));
    client.close();
    client = await openBaselineClient(server.url);
    await client.until((frames) => frames.some((frame) => frame.event === 'message.partial'));
    const cancelled = await request(server.url, 'POST', `/chat-sessions/${session}/cancel`);
    expect(cancelled).toEqual({
      status: 200,
      body: { sessionId: session, cancelled: [textAt(prompt.body, 'id')] },
    });
    await client.until((frames) => frames.some((frame) => frame.event === 'message.updated'));
    const { body } = await request(server.url, 'GET', path);
    const kept = textAt(Array.isArray(body) ? body.at(-1) : undefined, 'content');
    // Partials come over another socket than the end of the answer, maybe later; the last one has the whole text.
    const partials = (frames: typeof client.frames) =>
      frames.filter((frame) => frame.event === 'message.partial');
    await client.until((frames) => partials(frames).some((frame) => frame.data['content'] === kept));
    expect(partials(client.frames).at(-1)?.data['content']).toBe(kept);
    const again = await request(server.url, 'POST', `/chat-sessions/${session}/cancel`, {});
    expect(again).toMatchObject({ status: 200, body: { cancelled: [] } });
    expect((await request(server.url, 'POST', `/chat-sessions/${randomUUID()}/cancel`)).status).toBe(404);
  });
});
