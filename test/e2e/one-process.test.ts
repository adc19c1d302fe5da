/**
 * Goal: two servers on one PostgreSQL never serve it together ([JRN24]). Method: real processes, one of which streams
 * an answer while the other starts.
 */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BaselineClient, openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { administer, databases } from '../processes/databases.ts';
import {
  type ServerProcess,
  spawnServer,
  startServer,
  temporaryFolder,
} from '../processes/server-process.ts';

const postgresql = databases.find(({ name }) => name === 'PostgreSQL');

describe.runIf(postgresql !== undefined)('two servers on one PostgreSQL', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  let removeDatabase = async () => {};
  const servers: ServerProcess[] = [];
  let client: BaselineClient;

  const start = async (): Promise<ServerProcess> => {
    const server = await startServer({ dataFolder: folder.path, env });
    servers.push(server);
    return server;
  };

  /** A session on `server` whose answer has begun to stream. */
  const streamingSession = async (server: ServerProcess, directives: string): Promise<string> => {
    client = await openBaselineClient(server.url);
    const id = textAt((await request(server.url, 'POST', '/chat-sessions', { title: 'Deploy' })).body, 'id');
    await request(server.url, 'POST', `/chat-sessions/${id}/messages`, { content: directives });
    await client.until((frames) => frames.some(({ event }) => event === 'message.partial'));
    return id;
  };

  beforeEach(async () => {
    folder = await temporaryFolder();
    const database = await postgresql?.prepare();
    removeDatabase = database?.remove ?? removeDatabase;
    env = { ...database?.env, CALLBOARD_SHUTDOWN_GRACE_MS: '5000', CALLBOARD_WEB: 'off' };
  });

  afterEach(async () => {
    client.close();
    for (const server of servers.splice(0)) await server.end('SIGKILL');
    await removeDatabase();
    await folder.remove();
  });

  it('[JRN24] [STOP1] the second waits until the first has drained: an answer that streams ends once, whole', async () => {
    const first = await start();
    const id = await streamingSession(first, '[[tokens=80 delay=10]]');
    const starting = start();
    starting.catch(() => {});
    expect(await first.end('SIGTERM')).toBe(0);
    const second = await starting;
    const { body } = await request(second.url, 'GET', `/chat-sessions/${id}/messages`);
    expect(body).toMatchObject([{ role: 'user' }, { role: 'assistant' }]);
    const runs = await request(second.url, 'GET', '/traces');
    expect(runs.body).toMatchObject([{ name: 'engine.run', status: 'completed', sessionId: id }]);
    // Events of the first process only: the second had nothing to close.
    expect(client.frames.filter(({ event }) => event === 'trace.updated')).toHaveLength(1);
  });

  it('[JRN24] the second is refused in one line when the first stays, which answers undisturbed', async () => {
    env['CALLBOARD_SHUTDOWN_GRACE_MS'] = '0';
    const first = await start();
    await streamingSession(first, '[[tokens=80 delay=10]]');
    const refused = spawnServer({ dataFolder: folder.path, env });
    let errors = '';
    refused.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const [code] = await once(refused, 'exit');
    expect(code).toBe(1);
    expect(errors).toMatch(/^callboard: PostgreSQL at .* is in use by another Callboard process, .*\n$/);
    await client.until((frames) => frames.some(({ event }) => event === 'trace.updated'));
    expect(client.frames.filter(({ event }) => event === 'trace.updated')).toMatchObject([
      { data: { status: 'completed' } },
    ]);
  });

  it('[JRN24] a server whose store was taken over stops in one line', async () => {
    const first = spawnServer({ dataFolder: folder.path, env });
    let errors = '';
    first.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const left = once(first, 'exit');
    const url = await new Promise<string>((resolve) => {
      let output = '';
      first.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const found = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const id = await streamingSession(
      { port: 0, url, signal: () => {}, end: async () => 0 },
      '[[tokens=100000 delay=20]]',
    );
    first.kill('SIGSTOP');
    // What a fail-over or an administrator does to the connection of a server that hangs.
    await administer(
      env['DATABASE_URL'] ?? '',
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'callboard journal' and datname = current_database()",
    );
    const second = await start();
    const { body } = await request(second.url, 'GET', '/traces');
    expect(body).toMatchObject([{ status: 'failed', sessionId: id }]);
    await second.end('SIGTERM');
    first.kill('SIGCONT');
    expect(await left).toEqual([1, null]);
    expect(errors).toContain(
      'callboard: another Callboard process has taken over the database; this one stops\n',
    );
  });
});
