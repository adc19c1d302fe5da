/**
 * Files in conversations, end to end: stored over HTTP, sent with a message, given to a real format and to the rehearsal
 * engine; returned by the reference server of MCP; kept by what refers to them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { storedFileSchema } from '../../schema/file.ts';
import { filePartSchema, messagePartSchema } from '../../schema/message-part.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { type ScriptedProvider, startProvider } from '../fakes/providers/scripted-provider.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { everythingServer } from '../src/tools/mcp/mcp-servers.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de', 'hex');
const messagesSchema = z.array(
  z.looseObject({
    role: z.string(),
    content: z.string(),
    status: z.string(),
    parts: z.array(messagePartSchema),
  }),
);

describe.each(databases)('files in conversations on $name', ({ prepare }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof prepare>>;
  let provider: ScriptedProvider;
  let server: ServerProcess;

  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await prepare();
    provider = await startProvider((_request, index) =>
      index === 0
        ? openAiAnswer({ calls: [{ id: 'a', name: 'everything__get-tiny-image', arguments: '{}' }] })
        : openAiAnswer({ text: ['I see ', 'it.'] }),
    );
    const local = { type: 'openai-compatible', baseUrl: `${provider.url}/v1`, accepts: ['image'] };
    const config = {
      providers: { local: { ...local, models: ['sees', { id: 'blind', accepts: [] }] } },
      mcpServers: { everything: everythingServer },
    };
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    server = await startServer({
      dataFolder: folder.path,
      env: { ...database.env, CALLBOARD_REHEARSAL_DELAY_MS: '0' },
    });
  });

  afterEach(async () => {
    expect(await server.end()).toBe(0);
    await provider.stop();
    await database.remove();
    await folder.remove();
  });

  const store = async (body: Buffer, name: string) => {
    const headers = { 'x-file-name': name };
    return storedFileSchema.parse(
      await (await fetch(`${server.url}/files`, { method: 'POST', body, headers })).json(),
    );
  };
  const create = async (model: string) =>
    textAt(
      (await request(server.url, 'POST', '/chat-sessions', { title: 'Files', options: { model } })).body,
      'id',
    );
  const answered = async (session: string, count: number) => {
    for (;;) {
      const { body } = await request(server.url, 'GET', `/chat-sessions/${session}/messages`);
      const messages = messagesSchema.parse(body);
      if (messages.length >= count && messages.every(({ status }) => status === 'complete')) return messages;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const withFile = (fileId: string) => ({
    parts: [
      { type: 'text', text: 'Look: ' },
      { type: 'file', fileId },
    ],
  });

  it('[FIL30] [FIL31] [FIL34] [REH12] go to the model that takes them, and to no other', async () => {
    const file = await store(png, 'dot.png');
    const rehearsed = await create('rehearsal');
    const sent = await request(server.url, 'POST', `/chat-sessions/${rehearsed}/messages`, withFile(file.id));
    expect(sent.body).toMatchObject({
      content: 'Look: ',
      parts: [
        { type: 'text' },
        { type: 'file', fileId: file.id, name: 'dot.png', mediaType: 'image/png', bytes: 33 },
      ],
    });
    const [, answer] = await answered(rehearsed, 2);
    expect(answer?.content).toMatch(/^I was given the file `dot.png` \(image\/png, 33 bytes\)\./);

    const blind = await create('local/blind');
    const path = `/chat-sessions/${blind}/messages`;
    const refused = await request(server.url, 'POST', path, withFile(file.id));
    expect([refused.status, textAt(refused.body, 'message')]).toEqual([
      400,
      'The file "dot.png" (image/png, 33 bytes) cannot be sent: this model takes no images',
    ]);
    const missing = '00000000-0000-4000-8000-000000000000';
    expect((await request(server.url, 'POST', path, withFile(missing))).status).toBe(404);
    expect((await request(server.url, 'GET', path)).body).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  it('[FIL38] [FIL39] [FIL41] come from tools, are shown, and are given to the model', async () => {
    const session = await create('local/sees');
    await request(server.url, 'POST', `/chat-sessions/${session}/messages`, { content: 'Take a picture' });
    const [, answer] = await answered(session, 2);
    const kinds = answer?.parts.map(({ type }) => type);
    expect(kinds).toEqual(['tool-call', 'file', 'step', 'text']);
    const file = filePartSchema.parse(answer?.parts[1]);
    expect(file).toMatchObject({ name: 'image-2.png', mediaType: 'image/png' });
    const bytes = Buffer.from(await (await fetch(`${server.url}/files/${file.fileId}`)).arrayBuffer());
    expect(bytes.length).toBe(file.bytes);
    const url = `data:image/png;base64,${bytes.toString('base64')}`;
    expect(JSON.stringify(provider.requests[1]?.body)).toContain(
      JSON.stringify({ type: 'image_url', image_url: { url } }),
    );
    const call = answer?.parts[0];
    const id = call?.type === 'tool-call' ? call.callId : '';
    const told = await request(server.url, 'GET', `/chat-sessions/${session}/tool-calls/${id}`);
    expect(told.body).toMatchObject({ status: 'completed', files: [file] });
  });
});
