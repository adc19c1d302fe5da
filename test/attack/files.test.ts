/**
 * Goal: a stranger reads no file of another, and gets none into a session of its own, where it could be read, or told to a
 * model ([FIL50], [FIL51]); whoever sees a session reads its files. Method: a real server with two keys; the owner has sent
 * a file with a message, and the stranger knows its id.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const secret = 'the owner alone knows zanzibar';

/** The id of the principal of a key. */
function idOf(key: string): string {
  const known = createHash('sha256').update(key).digest();
  return `key:${createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22)}`;
}

describe.each(databases)('the files of others on $name', (database) => {
  let server: ServerProcess;
  let remove: () => Promise<void>;
  const ids = { session: '', message: '', file: '' };

  async function ask(key: string, method: string, path: string, body?: object) {
    const response = await fetch(server.url + path, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }
  const as = (key: string) => ({
    get: async (path: string) => JSON.parse((await ask(key, 'GET', path)).text),
    post: async (path: string, body: object) => JSON.parse((await ask(key, 'POST', path, body)).text),
  });

  async function uploaded(key: string, body: string): Promise<string> {
    const headers = { 'x-api-key': key, 'content-type': 'application/octet-stream' };
    const response = await fetch(`${server.url}/files`, { method: 'POST', headers, body });
    return JSON.parse(await response.text()).id;
  }

  /** The data of the answer to a frame. */
  async function answerTo(key: string, frame: object): Promise<unknown> {
    const url = `${server.url.replace('http', 'ws')}/live`;
    const socket = new WebSocket(url, callboardV1Subprotocol, { headers: { 'x-api-key': key } });
    const heard = new Promise<string>((resolve, reject) => {
      socket.on('message', (bytes) => {
        if (String(bytes).includes('"id":7')) resolve(String(bytes));
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the socket was closed')));
    });
    socket.once('open', () => socket.send(JSON.stringify(frame)));
    const { data } = JSON.parse(await heard);
    socket.terminate();
    return data;
  }

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const opened = await database.prepare();
    await writeFile(
      join(folder.path, 'callboard.config.json'),
      JSON.stringify({ apiKeys: ['key-of-the-owner', 'key-of-a-stranger'], rehearsalDelayMs: 0 }),
    );
    server = await startServer({ dataFolder: folder.path, env: { ...opened.env } });
    remove = async () => {
      await server.end();
      await opened.remove();
      await folder.remove();
    };
    ids.session = (await as('key-of-the-owner').post('/chat-sessions', { title: 'Ours' })).id;
    ids.file = await uploaded('key-of-the-owner', secret);
    const parts = [{ type: 'file', fileId: ids.file }];
    const path = `/chat-sessions/${ids.session}/messages`;
    ids.message = (await as('key-of-the-owner').post(path, { parts })).id;
  }, 60_000);
  afterAll(() => remove());

  it('[FIL50] [FIL51] a stranger neither sends nor changes nor imports a message with the file of another', async () => {
    const mine = await as('key-of-a-stranger').post('/chat-sessions', { title: 'Mine' });
    const base = `/chat-sessions/${mine.id}`;
    const parts = [{ type: 'file', fileId: ids.file }];
    const nowhere = [{ type: 'file', fileId: crypto.randomUUID() }];
    const said = await as('key-of-a-stranger').post(`${base}/messages`, { content: 'Hello' });
    const words = [];
    for (const given of [parts, nowhere]) {
      const [posted, edited] = await Promise.all([
        ask('key-of-a-stranger', 'POST', `${base}/messages`, { parts: given }),
        ask('key-of-a-stranger', 'PATCH', `${base}/messages/${said.id}`, { parts: given }),
      ]);
      const frame = await answerTo('key-of-a-stranger', {
        ...{ event: 'message.send', id: 7 },
        data: { sessionId: mine.id, message: { parts: given } },
      });
      const told = [posted.text, edited.text, JSON.stringify(frame)];
      expect([posted.status, edited.status]).toEqual([404, 404]);
      const id = given[0]?.fileId ?? '';
      words.push(told.map((text) => text.replaceAll(id, 'ID').replace(/"timestamp":"[^"]*"/, '')));
    }
    // Exactly what is said of a file that nobody has.
    expect(words[0]).toEqual(words[1]);

    const transcript = (await ask('key-of-the-owner', 'GET', `/chat-sessions/${ids.session}/transcript`))
      .text;
    const question = JSON.parse(transcript).messages[0];
    const body = {
      ...JSON.parse(transcript),
      messages: [question],
      turns: [],
      calls: [],
      leafId: question.id,
    };
    for (const [key, isOwner] of [
      ['key-of-a-stranger', false],
      ['key-of-the-owner', true],
    ] as const) {
      const imported = await as(key).post('/chat-sessions/import', body);
      const [copy] = await as(key).get(`/chat-sessions/${imported.id}/messages`);
      const { fileId } = copy.parts.find(({ type }: { type: string }) => type === 'file');
      expect(fileId === ids.file).toBe(isOwner);
      expect((await ask(key, 'GET', `/files/${fileId}`)).status).toBe(isOwner ? 200 : 404);
    }
    expect((await ask('key-of-a-stranger', 'GET', `/files/${ids.file}`)).status).toBe(404);
  }, 20_000);

  it('[FIL50] a principal reads and sends what it stored itself, and what is in a session that is open to it', async () => {
    const own = await uploaded('key-of-a-stranger', 'of the stranger');
    expect((await ask('key-of-a-stranger', 'GET', `/files/${own}`)).text).toBe('of the stranger');
    expect((await ask('key-of-the-owner', 'GET', `/files/${own}`)).status).toBe(404);
    const base = `/chat-sessions/${ids.session}/participants`;
    const stranger = idOf('key-of-a-stranger');
    await ask('key-of-the-owner', 'POST', base, { id: stranger, role: 'agent' });
    expect((await ask('key-of-a-stranger', 'GET', `/files/${ids.file}`)).text).toBe(secret);
    const parts = [{ type: 'file', fileId: own }];
    const path = `/chat-sessions/${ids.session}/messages`;
    expect((await ask('key-of-a-stranger', 'POST', path, { parts })).status).toBe(201);
    expect((await ask('key-of-the-owner', 'GET', `/files/${own}`)).status).toBe(200);
    const { id } = await as('key-of-a-stranger').post(`/chat-sessions/${ids.session}/fork`, {
      messageId: ids.message,
    });
    await ask('key-of-the-owner', 'DELETE', `${base}/${encodeURIComponent(stranger)}`);
    // The copy has it still, and is the stranger's.
    expect((await ask('key-of-a-stranger', 'GET', `/files/${ids.file}`)).status).toBe(200);
    await ask('key-of-a-stranger', 'DELETE', `/chat-sessions/${id}`);
    expect((await ask('key-of-a-stranger', 'GET', `/files/${ids.file}`)).status).toBe(404);
  }, 20_000);
});
