/** WebSockets through real sockets: handshakes, published frames, and the ways in which sockets end. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { AgentState } from '../../../../schema/agent-activity.ts';
import type { DomainEventOf, JournaledEvent } from '../../../../schema/event-catalogue.ts';
import { sessionIdSchema } from '../../../../schema/ids.ts';
import { clientFrameBytesMax, defaultMessageBounds } from '../../../../schema/message-bounds.ts';
import { closeCodes } from '../../../../schema/wire/close-codes.ts';
import { baselineNamespaces } from '../../../../schema/wire-event-table.ts';
import { at, logEntry, session, sessionId } from '../fake-services.ts';
import { Client, type RunningGateway, rawExchange, refusedUpgrade, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const handshake = (path: string, headers: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const answered = (received: string) => received.includes('\r\n\r\n');

function created(title: string): JournaledEvent {
  return { type: 'session.created', sessionId: session.id, data: { ...session, title }, at: 0 };
}

function activity(state: AgentState, id = sessionId): DomainEventOf<'agent.activity'> {
  return { type: 'agent.activity', sessionId: id, data: { sessionId: id, state, timestamp: at }, at: 0 };
}

const config: JournaledEvent = {
  type: 'config.updated',
  sessionId: null,
  data: { features: {}, theme: 'dark' },
  at: 0,
};

describe('handshakes', () => {
  it('[WS1] each namespace has a path; a trailing slash and a query are allowed', async () => {
    for (const namespace of baselineNamespaces) {
      for (const path of [`/${namespace}`, `/${namespace}/`, `/${namespace}?apiKey=x&a=1`]) {
        const client = await Client.open(running.port, path);
        client.socket.close();
        expect(await client.closed).toBe(1005);
      }
    }
  });

  it('[WS2] an upgrade anywhere else is a 404', async () => {
    for (const path of ['/', '/health', '/nowhere', '/chat-sessions/x', '/turns', '/chat-sessions//']) {
      expect(await refusedUpgrade(running.port, path)).toMatchObject({
        status: 404,
        body: { statusCode: 404, path, message: `Cannot GET ${path}` },
      });
    }
  });

  it('[WS2] an unsound handshake is no socket', async () => {
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
    const version = 'Sec-WebSocket-Version: 13\r\n';
    const noKey = await rawExchange(running.port, handshake('/logs', upgrade + version), answered);
    expect(noKey).toMatch(/^HTTP\/1\.1 400 /);
    const oldVersion = await rawExchange(
      running.port,
      handshake('/logs', `${upgrade}Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 8\r\n`),
      answered,
    );
    expect(oldVersion).toMatch(/^HTTP\/1\.1 400 .*\r\nSec-WebSocket-Version: 13\r\n/s);
  });

  it('[WS2] a key alone does not make a request an upgrade, nor does an offer of another protocol', async () => {
    const onlyKey = handshake('/logs', `Sec-WebSocket-Key: ${key}\r\n`);
    expect(await rawExchange(running.port, onlyKey, answered)).toMatch(/^HTTP\/1\.1 200 OK/);
    const http2 = handshake('/logs', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n');
    expect(await rawExchange(running.port, http2, answered)).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('[WS2] a path over the limit is refused', async () => {
    expect((await refusedUpgrade(running.port, `/logs?x=${'a'.repeat(5000)}`)).status).toBe(414);
  });

  it('[WS6] a subprotocol that is not spoken here, and an extension, are not accepted', async () => {
    const offer =
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: callboard.v2, chat\r\n` +
      'Sec-WebSocket-Extensions: permessage-deflate\r\n';
    const received = await rawExchange(running.port, handshake('/logs', offer), answered);
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
    expect(received).not.toMatch(/Sec-WebSocket-(Protocol|Extensions)/i);
  });

  it('[WS6] a client that insists on a subprotocol gives up by itself', async () => {
    const library = new Client(new WebSocket(`ws://127.0.0.1:${running.port}/logs`, ['callboard.v2']));
    expect(await library.closed).toBe(1006);
    const browserLike = new globalThis.WebSocket(`ws://127.0.0.1:${running.port}/logs`, ['callboard.v2']);
    await once(browserLike, 'error');
    expect(browserLike.readyState).not.toBe(globalThis.WebSocket.OPEN);
  });

  it('[WS11] more sockets than allowed are refused until one closes', async () => {
    const small = await runGateway({ connectionsMax: 2 });
    try {
      const first = await Client.open(small.port, '/logs');
      await Client.open(small.port, '/tools');
      expect(small.gateway.connections()).toBe(2);
      expect(await refusedUpgrade(small.port, '/logs')).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { message: 'Too many open sockets', retryable: true },
      });
      first.socket.close();
      await first.closed;
      await Client.open(small.port, '/logs');
      expect((await small.request('/health')).status).toBe(200);
    } finally {
      await small.gateway.close();
    }
  });
});

describe('what arrives', () => {
  it('[WS3] nothing is sent on connect while every agent is idle', async () => {
    running.gateway.publisher.durable(activity('thinking'), 1);
    running.gateway.publisher.durable(activity('idle'), 2);
    const clients = await Promise.all(
      baselineNamespaces.map((namespace) => Client.open(running.port, `/${namespace}`)),
    );
    for (const client of clients) {
      await client.settled();
      expect(client.unread).toBe(0);
      client.socket.close();
    }
  });

  it('[WS3] who connects to /chat-sessions while agents work is told the activity of each, once', async () => {
    const { publisher } = running.gateway;
    const other = sessionIdSchema.parse('2d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31');
    const told = [activity('thinking'), activity('tool'), activity('thinking', other)];
    for (const [index, event] of told.entries()) publisher.durable(event, 3 + index);
    const newest = [activity('tool'), activity('thinking', other)];
    for (const namespace of baselineNamespaces) {
      const client = await Client.open(running.port, `/${namespace}`);
      if (namespace === 'chat-sessions') {
        for (const { data } of newest) expect(await client.next()).toEqual({ event: 'agent.activity', data });
      }
      await client.settled();
      expect(client.unread).toBe(0);
      client.socket.close();
    }
    const client = await Client.open(running.port, '/chat-sessions');
    await client.next();
    await client.next();
    for (const [index, id] of [sessionId, other].entries())
      publisher.durable(activity('idle', id), 6 + index);
    for (const id of [sessionId, other]) {
      expect(await client.next()).toEqual({ event: 'agent.activity', data: activity('idle', id).data });
    }
    client.socket.close();
  });

  it('[WS4] every socket of a namespace gets every event of it, in order, and nothing else', async () => {
    const path = '/chat-sessions';
    const clients = await Promise.all([path, `${path}/`, path].map((one) => Client.open(running.port, one)));
    const other = await Client.open(running.port, '/config');
    const titles = Array.from({ length: 100 }, (_, index) => `title ${index}`);
    for (const [index, title] of titles.entries()) running.gateway.publisher.durable(created(title), index);
    running.gateway.publisher.durable(config, 100);
    for (const client of clients) {
      for (const title of titles) {
        expect(await client.next()).toEqual({ event: 'session.created', data: { ...session, title } });
      }
      await client.settled();
      expect(client.unread).toBe(0);
      client.socket.close();
    }
    expect(await other.next()).toEqual({ event: 'config.updated', data: config.data });
    expect(other.unread).toBe(0);
    other.socket.close();
  });

  it('[WS4] a frame is text, and its keys are event and data', async () => {
    const client = await Client.open(running.port, '/logs');
    const message = once(client.socket, 'message');
    running.gateway.publisher.volatile({ type: 'logs.created', sessionId: null, data: [logEntry], at: 0 });
    const [bytes, isBinary] = await message;
    expect(isBinary).toBe(false);
    expect(String(bytes)).toBe(`{"event":"logs.created","data":${JSON.stringify([logEntry])}}`);
    client.socket.close();
  });

  it('[WS5] a ping is answered with a pong of the same payload', async () => {
    const client = await Client.open(running.port, '/tools');
    const pong = once(client.socket, 'pong');
    client.socket.ping('payload é');
    expect(String((await pong)[0])).toBe('payload é');
    client.socket.close();
  });
});

describe('how sockets end', () => {
  it('[WS7] a frame over the limit ends the connection', async () => {
    const client = await Client.open(running.port, '/chat-sessions');
    client.socket.send(' '.repeat(clientFrameBytesMax(defaultMessageBounds) + 1));
    expect(await client.closed).toBe(1006);
  });

  it('[WS8] a text frame that is not UTF-8 ends the connection', async () => {
    const client = await Client.open(running.port, '/chat-sessions');
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await client.closed).toBe(1006);
  });

  it('[WS10] an idle timeout that the transport cannot bear is refused at start', async () => {
    for (const seconds of [-1, 1, 7, 961, 8.5, Number.NaN]) {
      await expect(runGateway({ idleTimeoutSeconds: seconds })).rejects.toThrow(RangeError);
    }
    for (const seconds of [0, 8, 960]) {
      const { gateway } = await runGateway({ idleTimeoutSeconds: seconds });
      await gateway.close();
    }
  });

  it('[WS12] closing says so to every socket, and tells it to reconnect', async () => {
    const ending = await runGateway();
    const clients = await Promise.all(baselineNamespaces.map((name) => Client.open(ending.port, `/${name}`)));
    const reasons = clients.map((client) => once(client.socket, 'close'));
    await ending.gateway.close();
    for (const reason of reasons) {
      const [code, text] = await reason;
      expect([code, String(text)]).toEqual([
        closeCodes.serverShutdown.code,
        closeCodes.serverShutdown.reason,
      ]);
    }
    expect(ending.gateway.connections()).toBe(0);
  });
});
