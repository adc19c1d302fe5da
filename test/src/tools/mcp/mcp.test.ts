/**
 * Tools of MCP servers. Goal: the tools of real servers can be found and run, and nothing that a server does (die,
 * hang, change, answer nonsense) does more than end its own calls. Method: the reference servers of the protocol as
 * programs of their own, over standard input and output and over HTTP, and one that misbehaves.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ToolProgress } from '../../../../actors/tool-ports.ts';
import type { McpServer } from '../../../../src/tools/mcp/mcp-server.ts';
import { toolRun } from '../../../fakes/tool-run.ts';
import {
  everythingProgram,
  filesystemProgram,
  oddProgram,
  startEverythingOverHttp,
  startServer,
  stdio,
  toolOf,
  untilTools,
} from './mcp-servers.ts';

const running: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
function stopped<Server extends { readonly stop: () => Promise<void> }>(server: Server): Server {
  running.push(server);
  return server;
}

describe.each(['stdio', 'streamable HTTP'])('the reference server over %s', (transport) => {
  async function everything(): Promise<McpServer> {
    if (transport === 'stdio') return stopped(startServer(stdio('everything', [everythingProgram])));
    const { url } = stopped(await startEverythingOverHttp());
    return stopped(
      startServer({
        ...stdio('everything', []),
        endpoint: { kind: 'http', url, headers: { 'x-tenant': 'test' } },
      }),
    );
  }

  test('tells its tools with their schemas, and runs them', async () => {
    const server = await everything();
    await server.settled;
    const sum = toolOf(server, 'get-sum');
    expect(sum.inputSchema).toMatchObject({ type: 'object', required: ['a', 'b'] });
    expect(await sum.run({ a: 2, b: 3 }, toolRun())).toEqual({ ok: true, value: 'The sum of 2 and 3 is 5.' });
    // The text says the same as the structured content: once is enough.
    const structured = await toolOf(server, 'get-structured-content').run(
      { location: 'New York' },
      toolRun(),
    );
    expect(structured.ok && JSON.parse(String(structured.value))).toMatchObject({
      conditions: expect.any(String),
    });
    expect(await toolOf(server, 'get-tiny-image').run({}, toolRun())).toMatchObject({
      ok: true,
      value: expect.arrayContaining([
        { type: 'image', mimeType: 'image/png', base64Units: expect.any(Number) },
      ]),
    });
    expect(await sum.run({ a: 'two' }, toolRun())).toMatchObject({
      ok: false,
      refusal: { code: 'bad_request' },
    });
  });

  test('tells its progress, and is told when a call is cancelled', async () => {
    const server = await everything();
    await server.settled;
    const heard: ToolProgress[] = [];
    const abort = new AbortController();
    const long = toolOf(server, 'trigger-long-running-operation');
    const call = long.run(
      { duration: 20, steps: 200 },
      {
        ...toolRun(),
        signal: abort.signal,
        progress: (progress) => {
          heard.push(progress);
          abort.abort();
        },
      },
    );
    await expect(call).rejects.toThrow();
    expect(heard[0]).toMatchObject({ done: 1, total: 200 });
    // The connection outlives the call.
    expect(await toolOf(server, 'echo').run({ message: 'still here' }, toolRun())).toMatchObject({
      ok: true,
    });
  });
});

test('[CHO7] the file server reads in its folder and nowhere else, and needs a person unless it is trusted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-mcp-'));
  try {
    await writeFile(join(folder, 'note.txt'), 'remember the milk');
    const options = { ...stdio('files', [filesystemProgram, folder]), approval: 'unlessReadOnly' } as const;
    const server = stopped(startServer({ ...options, trusted: true }));
    const untrusted = stopped(startServer(options));
    await Promise.all([server.settled, untrusted.settled]);
    const read = toolOf(server, 'read_text_file');
    expect(read).toMatchObject({ requiresApproval: false, repeatable: true });
    // It says that it only reads, and is not believed.
    expect(toolOf(untrusted, 'read_text_file')).toMatchObject({ requiresApproval: true, repeatable: false });
    expect(toolOf(server, 'write_file').requiresApproval).toBe(true);
    expect(JSON.stringify(await read.run({ path: join(folder, 'note.txt') }, toolRun()))).toContain(
      'remember the milk',
    );
    expect(await read.run({ path: '/etc/hostname' }, toolRun())).toMatchObject({ ok: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('a server that misbehaves', () => {
  const odd = (env: Record<string, string> = {}) => stopped(startServer(stdio('odd', [oddProgram], { env })));

  test('dies in a call: the call fails, the server is started again', async () => {
    const server = odd();
    await server.settled;
    const before = await toolOf(server, 'pid').run({}, toolRun());
    expect(await toolOf(server, 'die').run({}, toolRun())).toMatchObject({
      ok: false,
      refusal: { code: 'unavailable', retryable: true },
    });
    // Until it is back its tools are known, and say so.
    expect(await toolOf(server, 'pid').run({}, toolRun())).toMatchObject({
      ok: false,
      refusal: { code: 'unavailable', message: 'The tool server odd is reconnecting, try again' },
    });
    await server.nextChange();
    const after = await toolOf(server, 'pid').run({}, toolRun());
    expect(after).toMatchObject({ ok: true });
    expect(after).not.toEqual(before);
  });

  test('changes its tools while it runs', async () => {
    const server = odd();
    await server.settled;
    await toolOf(server, 'grow').run({}, toolRun());
    await untilTools(server, (names) => names.includes('odd__late'));
    expect(await toolOf(server, 'late').run({}, toolRun())).toEqual({ ok: true, value: 'here I am' });
  });

  test('throws, and answers with megabytes', async () => {
    const server = odd();
    await server.settled;
    expect(await toolOf(server, 'throw').run({}, toolRun())).toMatchObject({
      ok: false,
      refusal: { message: 'thrown on purpose' },
    });
    const large = await toolOf(server, 'large').run({ units: 1_000_000 }, toolRun());
    expect(large.ok && String(large.value).length).toBe(1_000_000);
    // More than a message may have: this call fails, and nothing else does.
    const before = await toolOf(server, 'pid').run({}, toolRun());
    expect(await toolOf(server, 'large').run({ units: 5_000_000 }, toolRun())).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('longer than 4194304 bytes') },
    });
    expect(await toolOf(server, 'pid').run({}, toolRun())).toEqual(before);
  });

  test('inherits no secrets', async () => {
    process.env['SOME_API_KEY'] = 'secret';
    try {
      const server = odd({ GIVEN: 'yes' });
      await server.settled;
      const names = JSON.stringify(await toolOf(server, 'environment').run({}, toolRun()));
      expect(names).toContain('GIVEN');
      expect(names).not.toContain('SOME_API_KEY');
    } finally {
      delete process.env['SOME_API_KEY'];
    }
  });

  test('is not there: nothing waits for it, the log says why, and it has no tools', async () => {
    const server = stopped(startServer(stdio('none', [], { command: '/no/such/program' })));
    await server.settled;
    expect(server.tools()).toEqual([]);
    expect(server.lines).toContainEqual({
      level: 'warn',
      message: 'Tool server lost',
      text: expect.stringContaining('/no/such/program cannot be started'),
    });
  });

  test('never answers: stopping does not wait for it', async () => {
    const server = odd({ ODD_SERVER: 'silent' });
    await server.stop();
    expect(server.tools()).toEqual([]);
  });
});
