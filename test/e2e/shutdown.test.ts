/** Stopping: what a signal does to running turns, sockets and the exit code. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeCodes } from '../../schema/wire/close-codes.ts';
import { effort } from '../effort.ts';
import { type BaselineClient, openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

describe('a server that is told to stop', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let client: BaselineClient;
  let session: string;

  const start = async (graceMs: number) => {
    server = await startServer({
      dataFolder: folder.path,
      env: { CALLBOARD_SHUTDOWN_GRACE_MS: String(graceMs), CALLBOARD_REHEARSAL_DELAY_MS: '5' },
    });
    client = await openBaselineClient(server.url);
  };

  const ask = async (content: string) => {
    await request(server.url, 'POST', `/chat-sessions/${session}/messages`, { content });
  };

  const sawPartial = () =>
    client.until((frames) => frames.some((frame) => frame.event === 'message.partial'));

  beforeEach(async () => {
    folder = await temporaryFolder();
    await start(60_000);
    session = textAt((await request(server.url, 'POST', '/chat-sessions', { title: 'Stop' })).body, 'id');
  });

  afterEach(async () => {
    client.close();
    await server.end('SIGKILL');
    await folder.remove();
  });

  it('[STOP1] lets the running turn end, refuses new ones, and closes sockets with a code that says reconnect', async () => {
    await ask('[[tokens=60 delay=10]]');
    await sawPartial();
    const closed = new Promise((resolve) => client.socket('chat-sessions').once('close', resolve));
    const ended = server.end('SIGTERM');
    await until(async () => (await request(server.url, 'GET', '/health/ready')).status === 503);
    const refused = await request(server.url, 'POST', `/chat-sessions/${session}/messages`, {
      content: 'more',
    });
    expect(refused).toMatchObject({ status: 503, body: { retryable: true } });
    expect(await closed).toBe(closeCodes.serverShutdown.code);
    expect(await ended).toBe(0);
    expect(client.frames.filter((frame) => frame.event === 'trace.updated')).toMatchObject([
      { data: { status: 'completed' } },
    ]);
  });

  it('[STOP2] parks what outlasts the grace as interrupted, tells the clients, and runs what waits at the next start', async () => {
    client.close();
    expect(await server.end('SIGTERM')).toBe(0);
    await start(100);
    await ask('[[tokens=5000 delay=10]]');
    await ask('[[tokens=3 delay=0]] second');
    await sawPartial();
    expect(await server.end('SIGTERM')).toBe(0);
    expect(client.frames.filter((frame) => frame.event === 'trace.updated')).toMatchObject([
      { data: { status: 'failed', metadata: { error: expect.stringContaining('shutting down') } } },
    ]);
    // They come over two sockets, and each socket is read to its end.
    const last = (event: string) => client.frames.findLast((frame) => frame.event === event)?.data['content'];
    await client.until(() => last('message.updated') === last('message.partial'));
    await start(100);
    await until(async () => {
      const { body } = await request(server.url, 'GET', `/chat-sessions/${session}/messages`);
      return Array.isArray(body) && body.length === 4;
    });
    await until(async () => {
      const { body } = await request(server.url, 'GET', '/traces');
      return Array.isArray(body) && body.length === 2 && textAt(body[0], 'status') === 'completed';
    });
  });

  it.runIf(effort === 'full')('[STOP3] leaves at once on a second signal', async () => {
    await ask('[[tokens=5000 delay=10]]');
    await sawPartial();
    void server.end('SIGTERM');
    await until(async () => (await request(server.url, 'GET', '/health/ready')).status === 503);
    expect(await server.end('SIGTERM')).toBe(1);
    await start(100);
    const { body } = await request(server.url, 'GET', '/traces');
    expect(body).toMatchObject([{ status: 'failed' }]);
  });
});

/** Checks again and again until the condition holds; the test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
