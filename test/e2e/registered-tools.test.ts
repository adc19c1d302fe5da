/**
 * Registered tools, end to end: a real server, and the endpoints that docs/tools.md shows, in Node and in Python, run as
 * they are written there. The rehearsal engine calls the tool; the server dies between two calls.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effort, inTurn } from '../effort.ts';
import { exampleDefinition } from '../fakes/example-tool.ts';
import { json, type ToolEndpoint, toolEndpoint, verifiedCall } from '../fakes/tool-endpoint.ts';
import { seedOfRun } from '../named-property.ts';
import { openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { databases } from '../processes/databases.ts';
import { freePort } from '../processes/free-port.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const guide = new URL('../../docs/tools.md', import.meta.url);
const modules = new URL('../../node_modules', import.meta.url).pathname;

async function example(language: 'js' | 'python'): Promise<string> {
  const [, code] = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(await readFile(guide, 'utf8')) ?? [];
  if (code === undefined) throw new Error(`no example in ${language}`);
  return code;
}

describe.each(databases)('registered tools on $name', ({ prepare }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof prepare>>;
  let server: ServerProcess;
  let program: ChildProcess | undefined;
  let there: ToolEndpoint | undefined;

  const start = (env = {}) =>
    startServer({
      dataFolder: folder.path,
      env: { CALLBOARD_TOOL_PRIVATE_NETWORKS: '127.0.0.1', ...database.env, ...env },
    });

  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await prepare();
    server = await start();
  });

  afterEach(async () => {
    program?.kill();
    await there?.stop();
    program = undefined;
    there = undefined;
    expect(await server.end()).toBe(0);
    await database.remove();
    await folder.remove();
  });

  /** Starts the example, and resolves when it listens. */
  async function run(language: 'js' | 'python', env: Readonly<Record<string, string>>): Promise<void> {
    const file = join(folder.path, language === 'js' ? 'endpoint.mjs' : 'endpoint.py');
    await writeFile(file, await example(language));
    if (language === 'js') await symlink(modules, join(folder.path, 'node_modules'));
    const command = language === 'js' ? process.execPath : 'python3';
    program = spawn(command, [file], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (program.stdout === null) throw new Error('the example says nothing');
    await once(createInterface(program.stdout), 'line');
  }

  async function asked(content: string): Promise<{ readonly text: string; readonly result: unknown }> {
    const { body } = await request(server.url, 'POST', '/chat-sessions', { title: 'Weather' });
    const path = `/chat-sessions/${textAt(body, 'id')}`;
    const client = await openBaselineClient(server.url);
    await request(server.url, 'POST', `${path}/messages`, { content: `${content} [[tokens=5 delay=0]]` });
    await client.until((frames) =>
      frames.some(({ event, data }) => event === 'agent.activity' && data['state'] === 'idle'),
    );
    client.close();
    const messages = (await request(server.url, 'GET', `${path}/messages`)).body as { content: string }[];
    const [call] = (await request(server.url, 'GET', `${path}/tool-calls`)).body as { id: string }[];
    const whole =
      call === undefined ? {} : (await request(server.url, 'GET', `${path}/tool-calls/${call.id}`)).body;
    return { text: messages.at(-1)?.content ?? '', result: (whole as { result?: unknown }).result };
  }

  const question = 'How is it? [[tool=weather args={"city": "Oslo"}]]';

  it.each(inTurn(['js', 'python'] as const, { oneIn: 2, seed: seedOfRun() }))(
    '[RTL1] [RTL5] [RTL11] calls the example of docs/tools.md in %s, before and after a crash',
    async (language) => {
      const port = await freePort();
      const definition = { ...exampleDefinition, url: `http://127.0.0.1:${port}/weather` };
      const { status, body } = await request(server.url, 'POST', '/tools', definition);
      expect(status).toBe(201);
      await run(language, { PORT: String(port), TOOL_SECRET: textAt(body, 'secret') });
      expect(JSON.parse(String((await asked(question)).result))).toEqual({ city: 'Oslo', degrees: 21 });
      await server.end('SIGKILL');
      server = await start();
      expect(JSON.parse(String((await asked(question)).result))).toEqual({ city: 'Oslo', degrees: 21 });
      // For a day the old secret is good, too.
      await request(server.url, 'POST', '/tools/weather/rotate-secret');
      expect(JSON.parse(String((await asked(question)).result))).toEqual({ city: 'Oslo', degrees: 21 });
      const { body: listed } = await request(server.url, 'GET', '/tools/weather');
      expect(listed).toMatchObject({ source: 'registered', offered: true, registered: { secretVersion: 2 } });
      expect(JSON.stringify(listed)).not.toContain('whsec_');
      await request(server.url, 'POST', '/tools/weather/deactivate');
      expect((await asked(question)).result).toBe('There is no tool named "weather"');
    },
  );

  it.runIf(effort === 'full')(
    '[RTL14] calls no private address unless the configuration allows it',
    async () => {
      there = await toolEndpoint(json('seen'));
      const definition = { ...exampleDefinition, url: there.url.replace('127.0.0.1', 'localhost') };
      const { body } = await request(server.url, 'POST', '/tools', definition);
      expect((await asked(question)).result).toBe('seen');
      const [call] = there.asked;
      if (call === undefined) throw new Error('no call arrived');
      expect(verifiedCall(textAt(body, 'secret'), call)).toMatchObject({
        name: 'weather',
        arguments: { city: 'Oslo' },
      });
      expect(await server.end()).toBe(0);
      server = await start({ CALLBOARD_TOOL_PRIVATE_NETWORKS: '' });
      expect((await asked(question)).result).toContain('localhost has an address that is not allowed');
      expect(there.asked).toHaveLength(1);
      const written = await request(server.url, 'PATCH', '/tools/weather', {
        url: 'http://169.254.169.254/',
      });
      expect([written.status, textAt(written.body, 'message')]).toEqual([
        400,
        expect.stringContaining('url cannot be called: 169.254.169.254 is not a public address'),
      ]);
    },
  );
});
