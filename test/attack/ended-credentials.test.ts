/**
 * Goal: a request that takes long ends with the key on which it rests, within a second, whether that is revoked or expires
 * ([AUTH11]). Method: a real server; an upload, a pushed answer and a streamed file are under way, and each client says when
 * its connection was closed, and with what.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTurn } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const admin = 'key-of-the-administrator';
/** The rule says a second; the rest is for a busy machine. */
const patienceMs = 10_000;

describe('when its key ends', () => {
  let server: ServerProcess;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    server = await startServer({ dataFolder: folder.path, env: { CALLBOARD_ADMIN_KEY: admin } });
    remove = async () => {
      await server.end();
      await folder.remove();
    };
  }, 60_000);
  afterAll(() => remove());

  async function ask(key: string, method: string, path: string, body?: object) {
    const response = await fetch(server.url + path, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** A key, and what ends it. */
  async function keyToEnd(how: 'is revoked' | 'expires'): Promise<{
    readonly id: string;
    readonly secret: string;
    readonly end: () => Promise<void>;
  }> {
    const expiresAt = new Date(Date.now() + 6000).toISOString();
    const expires = how === 'expires' ? { expiresAt } : {};
    const { body } = await ask(admin, 'POST', '/keys', { name: 'one', scopes: ['chat'], ...expires });
    return {
      id: body.id,
      secret: body.secret,
      end: async () => {
        if (how === 'is revoked') await ask(admin, 'DELETE', `/keys/${body.id}`);
      },
    };
  }

  /** On a connection that the server has taken already, so that what is written arrives before what is written later. */
  async function open(key: string, method: string, path: string, headers: Record<string, string> = {}) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = request(`${server.url}/health`, { agent });
    first.end();
    await textOf(first);
    const sent = request(server.url + path, { agent, method, headers: { 'x-api-key': key, ...headers } });
    return { sent, ended: endOf(sent) };
  }

  /** The status of a whole answer, or `cut`. */
  async function within(ended: Promise<number | 'cut'>): Promise<number | 'cut' | 'open'> {
    const late = new Promise<'open'>((resolve) => setTimeout(() => resolve('open'), patienceMs + 8000));
    return await Promise.race([ended, late]);
  }

  it.each(inTurn(['is revoked', 'expires'] as const, { oneIn: 2, seed: seedOfRun() }))(
    '[AUTH11] an upload is cut when it %s, and stores nothing',
    async (how) => {
      const key = await keyToEnd(how);
      const { sent, ended } = await open(key.secret, 'POST', '/files', { 'content-type': 'text/plain' });
      await new Promise((resolve) => sent.write('the beginning', resolve));
      await key.end();
      expect(await within(ended)).toBe('cut');
      expect((await ask(key.secret, 'GET', '/chat-sessions')).status).toBe(401);
    },
    40_000,
  );

  it('[AUTH11] a streamed answer is cut', async () => {
    const key = await keyToEnd('is revoked');
    const bytes = 24 * 1024 * 1024;
    const upload = await open(key.secret, 'POST', '/files', { 'content-type': 'text/plain' });
    upload.sent.end(Buffer.alloc(bytes, 'x'));
    const [answer] = await Promise.all([textOf(upload.sent), upload.ended]);
    const { sent, ended } = await open(key.secret, 'GET', `/files/${JSON.parse(answer).id}`);
    sent.end();
    const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
    expect(response.statusCode).toBe(200);
    response.pause();
    let read = 0;
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    response.pause();
    await key.end();
    // What the system had taken comes still; the end of the file does not.
    setTimeout(() => response.resume(), 1500);
    expect(await within(ended)).toBe('cut');
    expect(read).toBeLessThan(bytes);
  }, 60_000);

  it('[AUTH11] a stream of pushed parts is cut; what it brought stays, and the lease goes on with another key', async () => {
    const key = await keyToEnd('is revoked');
    const { body: session } = await ask(admin, 'POST', '/chat-sessions', { title: 'pushed' });
    const added = await ask(admin, 'POST', `/chat-sessions/${session.id}/participants`, {
      id: `key:${key.id}`,
      role: 'agent',
    });
    expect(added).toMatchObject({ status: 201 });
    const started = await ask(key.secret, 'POST', `/chat-sessions/${session.id}/turns`, { agent: 'bot' });
    expect(started.status).toBe(201);
    const { turnId, lease } = started.body;
    const lines = { 'content-type': 'application/x-ndjson', 'callboard-lease': lease };
    const { sent, ended } = await open(key.secret, 'POST', `/turns/${turnId}/parts`, lines);
    sent.write(`${JSON.stringify({ seq: 1, type: 'text', text: 'Hello' })}\n`);
    await expect
      .poll(async () => (await ask(admin, 'GET', `/turns/${turnId}`)).body.received, { timeout: patienceMs })
      .toBe(1);
    await key.end();
    expect(await within(ended)).toBe('cut');
    expect((await ask(admin, 'GET', `/turns/${turnId}`)).body).toMatchObject({
      status: 'running',
      received: 1,
    });
    const next = { lease, parts: [{ seq: 2, type: 'text', text: ' again' }] };
    expect(await ask(admin, 'POST', `/turns/${turnId}/parts`, next)).toMatchObject({ body: { received: 2 } });
    expect((await ask(admin, 'POST', `/turns/${turnId}/finish`, { lease })).status).toBe(200);
    const { body: messages } = await ask(admin, 'GET', `/chat-sessions/${session.id}/messages`);
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', content: 'Hello again' });
  }, 60_000);
});

async function endOf(sent: ClientRequest): Promise<number | 'cut'> {
  return await new Promise((resolve) => {
    sent.once('error', () => resolve('cut'));
    sent.once('response', (response) => {
      response.once('error', () => resolve('cut'));
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 'cut'));
    });
  });
}

async function textOf(sent: ClientRequest): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
