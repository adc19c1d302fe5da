/** The library against the real server, without a misbehaving network: keys, another WebSocket, many sessions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startChaosProxy } from '../chaos/chaos-proxy.ts';
import { watchedClient } from '../chaos/watched-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

describe('the library and the server', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;

  const start = async () => {
    server = await startServer({
      dataFolder: folder.path,
      env: { CALLBOARD_API_KEYS: 'first-key,second-key', CALLBOARD_REHEARSAL_DELAY_MS: '1' },
    });
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await start();
  });

  afterAll(async () => {
    await server.end();
    await folder.remove();
  });

  it.each([
    { way: 'a WebSocket', websocketFailuresMax: 3 },
    { way: 'SSE', websocketFailuresMax: 0 },
  ])('[CLT2] [AUTH3] comes in with a key over $way', async ({ websocketFailuresMax }) => {
    const { client, violations } = watchedClient({
      url: server.url,
      apiKey: 'second-key',
      websocketFailuresMax,
      WebSocket,
    });
    const { id } = await client.createSession({ title: 'Key' });
    const session = client.session(id);
    await session.ready();
    const sent = await session.send('[[tokens=2000 delay=10]]');
    for await (const messages of session.messages) if (messages[1]?.streaming) break;
    expect(await session.cancel({ messageId: sent.id })).toMatchObject({ sessionId: id });
    for await (const { activity, messages } of session.snapshot) {
      if (activity === 'idle' && messages[1]?.streaming === false) break;
    }
    expect(violations).toEqual([]);
    client.close();
  });

  it('[TTL1] [REH13] makes sessions that a model names, also when the question calls a tool', async () => {
    const { client } = watchedClient({ url: server.url, apiKey: 'second-key', WebSocket });
    const events = client.events({ namespaces: ['chat-sessions'] });
    await events.subscribed;
    const created = await client.createSession({ title: 'New', autoTitle: true });
    expect(created).toMatchObject({ title: 'New', autoTitle: true });
    await client.session(created.id).send('What time is it?');
    for await (const { event, data } of events) {
      if (event !== 'session.updated' || data.id !== created.id || data.title === 'New') continue;
      expect(data).not.toHaveProperty('autoTitle');
      break;
    }
    client.close();
  });

  it('[CLT2] [CLT6] stays out with a wrong key, and says so when it can be known', async () => {
    const { client } = watchedClient({
      url: server.url,
      apiKey: 'wrong',
      backoff: { firstMs: 1, maxMs: 2 },
    });
    await expect(client.createSession({ title: 'x' })).rejects.toMatchObject({ code: 'unauthorized' });
    expect(client.state.value).toBe('closed');
  });

  it('[CLT1] a session goes on by itself when the stream of all sessions that carried it ends', async () => {
    const { client, violations, watch } = watchedClient({ url: server.url, apiKey: 'first-key' });
    const wide = watch();
    await wide.stream.subscribed;
    const { id } = await client.createSession({ title: 'Both' });
    const session = client.session(id);
    const narrow = watch({ sessionId: id });
    await narrow.stream.subscribed;
    await session.ready();
    await session.send('[[tokens=40 delay=2 tool=clock think=2]]');
    for await (const messages of session.messages) if (messages[1]?.streaming) break;
    await wide.stream.return?.();
    for await (const { activity, messages } of session.snapshot) {
      if (activity === 'idle' && messages[1]?.streaming === false) break;
    }
    await narrow.until((events) => events.find(({ event }) => event === 'trace.updated'));
    // The execution tree comes as it changes, and has no place in the order of what is durable.
    const seqs = narrow.events.flatMap((event) =>
      'seq' in event && event.seq !== undefined ? [event.seq] : [],
    );
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
    expect(seqs.length).toBeGreaterThan(8);
    expect(violations).toEqual([]);
    client.close();
  });

  it('[CLT1] follows more sessions than it may ask for at once, through a restart of the server', async () => {
    const proxy = await startChaosProxy(server.port);
    const { client, violations } = watchedClient({
      url: proxy.url,
      apiKey: 'first-key',
      backoff: { firstMs: 20, maxMs: 100 },
    });
    const created = await Promise.all(
      Array.from({ length: 30 }, (_, index) => client.createSession({ title: `Session ${index}` })),
    );
    const sessions = created.map(({ id }) => client.session(id));
    await Promise.all(sessions.map((session) => session.ready()));
    await server.end();
    const sending = sessions.map((session) => session.send('[[tokens=3 delay=0]]'));
    await start();
    proxy.retarget(server.port);
    await Promise.all(sending);
    for (const session of sessions) {
      for await (const { activity, messages } of session.snapshot) {
        if (activity === 'idle' && messages.length === 2 && !messages[1]?.streaming) break;
      }
    }
    expect(violations).toEqual([]);
    client.close();
    await proxy.close();
  });
});
