/**
 * Goal: the baseline's page finds what docs/protocol.md A6 says of the config editor, and no secret leaves. Method: the real
 * server in a process of its own, with a YAML file.
 */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EditedConfig } from '../../schema/config-editor.ts';
import { effort } from '../effort.ts';
import { openBaselineClient } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const reference = `\${CLOUD_KEY}`;
const file = `# Mine
apiKeys:
  - hunter2-ordinary
  - { key: hunter2-admin, scopes: [chat, logs, admin] } # mine alone
rehearsalDelayMs: 0
rehearsalTokens: 5
providers:
  local:
    type: openai-compatible
    baseUrl: http://127.0.0.1:9/v1
    apiKey: hunter2-local
    models: [small]
  cloud: { type: openai, apiKey: "${reference}", models: [big] }
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;
let said = '';
beforeEach(async () => {
  folder = await temporaryFolder();
  said = '';
  await writeFile(join(folder.path, 'callboard.config.yaml'), file);
  server = await startServer({ dataFolder: folder.path, env: { CLOUD_KEY: 'hunter2-cloud' } });
});
afterEach(async () => {
  await server.end();
  await folder.remove();
});

async function ask<Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: object,
  key = 'hunter2-admin',
): Promise<{ readonly status: number; readonly body: Body }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  said += text;
  return { status: response.status, body: JSON.parse(text) };
}

const read = () => ask<EditedConfig>('GET', '/config/editor');
const onDisk = () => readFile(join(folder.path, 'callboard.config.yaml'), 'utf8');

/** Resolves once the log has a line with these words. */
async function logged(words: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await ask<Record<string, unknown>[]>('GET', '/logs?limit=200');
    const found = body.findLast(({ message }) => String(message).includes(words));
    if (found !== undefined) return found;
  }
}

describe('the config editor of a running server', () => {
  it('[EDT3] [EDT18] the baseline expects a config schema', async () => {
    const { status, body } = await ask('GET', '/config/schema', undefined, 'hunter2-ordinary');
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['id', 'version', 'schema', 'inputSchema']);
    expect(body).toMatchObject({
      id: 'callboard-config',
      version: expect.any(String),
      schema: { type: 'object', properties: { model: { type: 'string' }, provider: {} } },
      inputSchema: {
        type: 'object',
        properties: {
          turnStepsMax: { type: 'integer', minimum: 1, maximum: 100, default: 8, 'x-reload': 'live' },
          host: { type: 'string', readOnly: true, 'x-reload': 'restart' },
          apiKeys: { writeOnly: true },
          mcpServers: { readOnly: true },
          providers: { 'x-page': ['*.label.**', '*.models.**', '*.accepts.**'] },
        },
      },
    });
  });

  it('[EDT4] [EDT10] [EDT14] [EDT18] the baseline expects a config editor', async () => {
    const client = await openBaselineClient(server.url, '?apiKey=hunter2-ordinary');
    const { status, body } = await read();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      path: join(folder.path, 'callboard.config.yaml'),
      format: 'yaml',
      error: null,
    });
    for (const key of ['input', 'config']) expect(body).toHaveProperty([key]);
    const content = body.content.replace('rehearsalTokens: 5', 'rehearsalTokens: 6\nturnStepsMax: 4');
    const saved = await ask<EditedConfig>('PUT', '/config/editor', { content, format: 'yaml' });
    expect(saved).toMatchObject({
      status: 200,
      body: { content, config: { rehearsalTokens: 6, turnStepsMax: 4 } },
    });
    await client.until((frames) => frames.some(({ event }) => event === 'config.updated'));
    const told = client.frames.filter(({ event }) => event === 'config.updated');
    expect(told).toMatchObject([{ namespace: 'config', data: { theme: 'dark', features: { chat: true } } }]);
    client.close();
    expect(await onDisk()).toBe(file.replace('rehearsalTokens: 5', 'rehearsalTokens: 6\nturnStepsMax: 4'));

    const stale = { content: body.content, format: 'yaml', version: body.version };
    expect(await ask('PUT', '/config/editor', stale)).toMatchObject({ status: 409 });
    const evil = body.content.replace('http://127.0.0.1:9/v1', 'http://evil.example');
    expect(await ask('PUT', '/config/editor', { content: evil, format: 'yaml' })).toMatchObject({
      status: 400,
      body: { message: 'providers.local.baseUrl can be changed only in the file on disk' },
    });
    expect((await ask('PUT', '/config/editor', { content: '{}', format: 'json' })).status).toBe(400);
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['POST', '/preview'],
    ] as const) {
      const given = method === 'GET' ? undefined : { content: '', format: 'yaml' };
      expect((await ask(method, `/config/editor${path}`, given, 'hunter2-ordinary')).status).toBe(403);
    }
    expect(said).not.toContain('hunter2');

    await server.end();
    const database = new DatabaseSync(join(folder.path, 'callboard.sqlite'), { readOnly: true });
    const [event, ...more] = database
      .prepare("select data from events where event = 'config-file.updated'")
      .all();
    database.close();
    expect(more).toEqual([]);
    expect(JSON.parse(String(event?.['data']))).toEqual({
      owner: expect.stringMatching(/^key:[\w-]{22}$/),
      changed: ['rehearsalTokens', 'turnStepsMax'],
      restartNeeded: [],
    });
    server = await startServer({ dataFolder: folder.path, env: { CLOUD_KEY: 'x' } });
  });

  it('[EDT5] [EDT9] the baseline expects a config preview', async () => {
    const { content } = (await read()).body;
    const preview = (text: string) =>
      ask('POST', '/config/editor/preview', { content: text, format: 'yaml' });
    const previewed = await preview(
      content.replace('rehearsalTokens: 5', 'rehearsalTokens: 7\ncompression: on'),
    );
    expect(previewed).toMatchObject({
      status: 201,
      body: {
        input: { rehearsalTokens: 7, compression: 'on' },
        config: { rehearsalTokens: 7, compression: 'off' },
        restartNeeded: ['compression'],
      },
    });
    const broken = await preview('a: [');
    expect(broken).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('content is not YAML') },
    });
    expect(said).not.toContain('hunter2');
    expect(await onDisk()).toBe(file);
  });

  it('[EDT13] [EDT16] the page picks a model, and the next turn asks it', async () => {
    const { config } = (await read()).body;
    const picked = { ...config, provider: { name: 'cloud' }, model: 'big' };
    expect(
      await ask('PUT', '/config/editor', { content: JSON.stringify(picked), format: 'yaml' }),
    ).toMatchObject({
      status: 200,
      body: { config: { model: 'big', provider: { name: 'cloud' }, defaultModel: 'cloud/big' } },
    });
    expect(await onDisk()).toBe(file.replace('apiKeys:', 'defaultModel: "cloud/big"\napiKeys:'));
    const session = await ask('POST', '/chat-sessions', { title: 'One' });
    const { body } = await ask('GET', `/orchestrator/metadata?sessionId=${session.body['id']}`);
    expect(body).toMatchObject({ agentHierarchy: [{ provider: 'cloud', model: 'big' }] });
    expect(said).not.toContain('hunter2');
  });

  it.runIf(effort === 'full')('[EDT10] is killed while it saves, and the file is whole', async () => {
    const { content } = (await read()).body;
    const texts = [5, 6].map((tokens) => file.replace('rehearsalTokens: 5', `rehearsalTokens: ${tokens}`));
    const save = (tokens: number) => {
      const changed = content.replace('rehearsalTokens: 5', `rehearsalTokens: ${tokens}`);
      return ask('PUT', '/config/editor', { content: changed, format: 'yaml' });
    };
    const saveOn = async (): Promise<void> => {
      for (;;) for (const tokens of [6, 5]) await save(tokens);
    };
    // Ends with its connection.
    const saving = saveOn().catch(() => {});
    while ((await onDisk()) === file);
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await saving;
    expect(texts).toContain(await onDisk());
    server = await startServer({ dataFolder: folder.path, env: { CLOUD_KEY: 'x' } });
    expect([await save(6), await save(5)]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect((await readdir(folder.path)).filter((name) => name.startsWith('.callboard.config'))).toEqual([]);
  });

  it('[EDT15] reads the file again on SIGHUP, and logs mistakes without changing anything', async () => {
    const client = await openBaselineClient(server.url, '?apiKey=hunter2-ordinary');
    const path = join(folder.path, 'callboard.config.yaml');
    await writeFile(path, file.replace('rehearsalTokens: 5', 'rehearsalTokens: 8\nport: 1\nlogLevel: debug'));
    server.signal('SIGHUP');
    expect(await logged('was read again')).toMatchObject({
      context: {
        changed: ['logLevel', 'rehearsalTokens'],
        restartNeeded: [],
        overridden: [{ key: 'port', by: '--port' }],
      },
    });
    await client.until((frames) => frames.some(({ event }) => event === 'config.updated'));
    client.close();
    expect((await read()).body.config).toMatchObject({ rehearsalTokens: 8, logLevel: 'debug' });
    await writeFile(path, 'rehearsalTokens: [hunter2');
    server.signal('SIGHUP');
    await logged('was not read again');
    const { body } = await read();
    expect(body).toMatchObject({
      content: '',
      error: expect.stringContaining('not YAML'),
      config: { rehearsalTokens: 8 },
    });
    expect(said).not.toContain('hunter2');
  });
});
