/** How the client gets, keeps and gives up its connection. */
import { describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../../src/client/client.ts';
import { type FakeServer, fakeWorld, settled } from '../fake-server.ts';

const statesOf = (client: Client): string[] => {
  const states: string[] = [client.state.value];
  client.state.subscribe((state) => states.push(state));
  return states;
};

describe('the connection of a client', () => {
  it('[CLT2] offers the subprotocol on /live, and the key in the query', async () => {
    const { server, client } = await fakeWorld(() => {}, {
      apiKey: 'a key&',
      url: 'https://callboard.test/api/',
    });
    expect(server.socket).toMatchObject({
      url: 'wss://callboard.test/api/live?apiKey=a%20key%26',
      protocols: ['callboard.v1.compact', 'callboard.v1'],
    });
    expect(client.state.value).toBe('live');
    client.close();
    expect(server.socket.isGone).toBe(true);
    expect(() => connect({ url: 'ftp://x' })).toThrow(TypeError);
  });

  it('[CLT2] reconnects after a wait that grows, and starts again from a short one when all was well', async () => {
    const { server, timers, client } = await fakeWorld();
    const states = statesOf(client);
    server.socket.drop(4000);
    expect(client.state.value).toBe('reconnecting');
    await timers.pass(50);
    server.socket.drop(1006);
    await timers.pass(99);
    expect(server.sockets).toHaveLength(2);
    await timers.pass(1);
    expect(server.sockets).toHaveLength(3);
    for (let seconds = 0; seconds < 6; seconds++) {
      await timers.pass(1000);
      server.socket.say('heartbeat', { seq: 100 });
    }
    server.socket.drop(1001);
    await timers.pass(50);
    expect(server.sockets).toHaveLength(4);
    expect(states).toEqual(['live', 'reconnecting', 'live', 'reconnecting', 'live', 'reconnecting', 'live']);
    client.close();
  });

  it('[CLT2] does not come back after a code from 4500 to 4999', async () => {
    const { server, timers, client } = await fakeWorld();
    const stream = client.events();
    const session = client.session('10000000-0000-4000-8000-000000000001');
    const sending = session.send('Hello');
    server.socket.drop(4500);
    expect(client.state.value).toBe('closed');
    await expect(sending).rejects.toMatchObject({ code: 'closed', retryable: false });
    await expect(session.ready()).rejects.toMatchObject({ code: 'closed' });
    await expect(session.send('again')).rejects.toMatchObject({ code: 'closed' });
    expect(await Array.fromAsync(stream)).toEqual([]);
    expect((await Array.fromAsync(session.messages)).length).toBe(1);
    expect(await Array.fromAsync(client.events())).toEqual([]);
    await timers.pass(100_000);
    expect(server.sockets).toHaveLength(1);
  });

  it('[CLT2] gives up a connection that is silent, and one that never says hello', async () => {
    const { server, timers, client } = await fakeWorld();
    await timers.pass(2900);
    server.socket.say('heartbeat', { seq: 100 });
    await timers.pass(2900);
    expect(server.sockets).toHaveLength(1);
    await timers.pass(101);
    expect(server.socket.isGone).toBe(true);
    expect(client.state.value).toBe('reconnecting');
    server.greets = false;
    await timers.pass(50);
    expect(server.sockets).toHaveLength(2);
    await timers.pass(9998);
    expect(server.socket.isGone).toBe(false);
    await timers.pass(1);
    expect(server.socket.isGone).toBe(true);
    client.close();
  });

  it('[CLT18] says whom the server takes it for, also of one that has not said so yet', async () => {
    const { server, timers, client } = await fakeWorld((fake) => {
      fake.principal = undefined;
    });
    expect(client.principal()).toBeUndefined();
    const seen: unknown[] = [];
    client.state.subscribe((state) => seen.push([state, client.principal()]));
    server.principal = { id: 'app:bob', name: null, scopes: ['read'], narrowed: true };
    server.socket.drop(4000);
    await timers.pass(50);
    server.socket.drop(4000);
    expect(seen).toEqual([
      ['reconnecting', undefined],
      ['live', server.principal],
      ['reconnecting', server.principal],
    ]);
    client.close();
  });

  it('[CLT4] reports frames that are none, and ignores events that it does not know', async () => {
    const { server, violations, client } = await fakeWorld();
    for (const text of ['', '[]', '{', '{"event":1,"data":{}}', '{"event":"trace.created","data":{}}']) {
      server.socket.sayText(text);
    }
    expect(violations.map(({ kind }) => kind)).toEqual(Array(5).fill('malformed-frame'));
    server.socket.say('weather.changed', { sun: true }, { seq: 101 });
    expect(violations).toHaveLength(5);
    expect(client.state.value).toBe('live');
    client.close();
  });

  it('[CLT7] ends at once, whatever it was doing, and leaves no timer behind', async () => {
    const { client, timers, server } = await fakeWorld((fake: FakeServer) => {
      fake.opens = false;
    });
    client.close();
    client.close();
    await timers.pass(100_000);
    expect(server.sockets).toHaveLength(1);
    await expect(client.createSession({ title: 'x' })).rejects.toMatchObject({ code: 'closed' });
  });

  it('[CLT6] falls back to SSE when WebSockets do not open, with the cursor in the query and commands over REST', async () => {
    let push: (text: string) => void = () => {};
    const { client, timers, server } = await fakeWorld((fake) => {
      fake.opens = false;
      fake.rest = async ({ path, body }) => {
        if (!path.startsWith('/events')) return { status: 201, body: { ...body, role: 'user' } };
        const stream = new ReadableStream<Uint8Array>({
          start: (controller) => {
            push = (text) => controller.enqueue(new TextEncoder().encode(text));
          },
        });
        return new Response(stream, { status: 200 });
      };
    });
    const stream = client.events({ namespaces: ['traces'] });
    await timers.pass(1000);
    expect(server.sockets).toHaveLength(3);
    expect(client.transport()).toBe('sse');
    push(`data: ${JSON.stringify({ event: 'hello', data: server.hello() })}\n\n`);
    await stream.subscribed;
    expect(client.state.value).toBe('live');
    const event = { event: 'trace.created', data: { id: 'x' }, seq: 107 };
    push(
      `id: ${server.epoch}:107\ndata: ${JSON.stringify(event)}\n\n: heartbeat\nid: ${server.epoch}:109\n\n`,
    );
    expect((await stream.next()).value).toEqual(event);
    const sent = client.session('10000000-0000-4000-8000-000000000001').send('Hello', { id: 'the-id' });
    expect(await sent).toMatchObject({ id: 'the-id', content: 'Hello' });
    await settled();
    const posted = server.calls.find(({ method }) => method === 'POST');
    expect(posted).toMatchObject({ body: { id: 'the-id', content: 'Hello' } });
    expect(posted?.headers.get('idempotency-key')).toBe('the-id');
    const streams = server.calls.map(({ path }) => path).filter((path) => path.startsWith('/events'));
    expect(streams).toEqual([
      '/events?namespaces=traces',
      `/events?namespaces=chat-messages%2Cchat-sessions%2Ctraces&since=${server.epoch}%3A109`,
    ]);
    client.close();
  });

  it('[CLT6] closes when the key is wrong, and says so', async () => {
    const { client } = await fakeWorld(
      (fake) => {
        fake.rest = async () => ({ status: 401, body: { message: 'Invalid or missing API key' } });
      },
      { websocketFailuresMax: 0 },
    );
    expect(client.state.value).toBe('closed');
    await expect(client.createSession({ title: 'x' })).rejects.toThrow();
  });

  it('[CLT2] does not come back before the server said', async () => {
    const { client, timers, server } = await fakeWorld(
      (fake) => {
        fake.opens = false;
        fake.rest = async () => Response.json({}, { status: 429, headers: { 'retry-after': '40' } });
      },
      { websocketFailuresMax: 0 },
    );
    const attempts = () => server.calls.length + server.sockets.length;
    const before = attempts();
    expect(client.retry.value?.delayMs).toBeGreaterThanOrEqual(40_000);
    await timers.pass(39_990);
    expect(attempts()).toBe(before);
    await timers.pass(1000);
    expect(attempts()).toBe(before + 1);
    client.close();
  });

  it('[CLT5] does not read again before the server said', async () => {
    const { client, timers, server } = await fakeWorld(
      (fake) => {
        fake.rest = async () => ({ status: 429, body: { retryable: true, retryAfterMs: 40_000 } });
      },
      { silenceMs: 1_000_000 },
    );
    const session = client.session('10000000-0000-4000-8000-000000000001');
    session.ready().catch(() => {});
    await timers.pass(1000);
    const before = server.calls.length;
    expect(before).toBeGreaterThan(0);
    await timers.pass(38_000);
    expect(server.calls.length).toBe(before);
    await timers.pass(3000);
    expect(server.calls.length).toBeGreaterThan(before);
    client.close();
  });

  it('[CLT6] tells a session that it does not exist, and serves the others', async () => {
    const { client, timers } = await fakeWorld(
      (fake) => {
        fake.rest = async ({ path }) => ({
          status: path.includes('sessionId') ? 404 : 500,
          body: { message: 'no' },
        });
      },
      { websocketFailuresMax: 0 },
    );
    const session = client.session('10000000-0000-4000-8000-000000000001');
    const ready = expect(session.ready()).rejects.toMatchObject({ code: 'not_found' });
    await timers.pass(5000);
    await ready;
    expect(session.snapshot.value).toMatchObject({ status: 'deleted', messages: [] });
    client.close();
  });
});
