/**
 * How uWebSockets.js treats sockets over their `maxBackpressure`, and how it orders published and sent frames: an
 * experiment with the library itself, kept because the design for slow readers depends on it.
 *
 * It skips such a socket and calls `dropped` with the first message of each batch that it skips (32 per socket), and
 * later messages of the same tick can be delivered all the same. So its reports do not tell which messages a socket
 * got, and the hub never lets it skip ([V1D1], src/gateway/stream/topics.ts).
 */

import type { WebSocket } from 'uWebSockets.js';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadUws } from '../../../../src/gateway/uws/uws-loader.ts';

const maxBackpressure = 64 * 1024;
const uws = loadUws();
const filler = 'x'.repeat(100_000);
const tick = () => new Promise((resolve) => setImmediate(resolve));

let app: ReturnType<typeof uws.App>;
let ws: WebSocket<object>;
let client: Socket;
let received = '';
let drops: string[] = [];
let drains: number[] = [];

beforeEach(async () => {
  [received, drops, drains] = ['', [], []];
  app = uws.App();
  app.ws<object>('/', {
    maxBackpressure,
    idleTimeout: 0,
    open: (opened) => {
      ws = opened;
      ws.subscribe('a');
      ws.subscribe('b');
    },
    dropped: (_ws, message) => void drops.push(Buffer.from(message).toString()),
    drain: (drained) => void drains.push(drained.getBufferedAmount()),
  });
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => resolve(socket === false ? 0 : uws.us_socket_local_port(socket)));
  });
  client = connect(port, '127.0.0.1');
  client.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(client, 'data');
  client.pause();
  client.on('data', (bytes) => (received += bytes.toString('latin1')));
  client.pause();
});
afterEach(() => {
  client.destroy();
  app.close();
});

function fill(): void {
  while (ws.getBufferedAmount() <= maxBackpressure) ws.send(`<${filler}>`);
}

async function readAll(): Promise<string[]> {
  client.resume();
  while (ws.getBufferedAmount() > 0) await once(client, 'data');
  ws.send('<end>');
  while (!received.includes('<end>')) await once(client, 'data');
  return [...received.matchAll(/<(\w+)>/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('x'));
}

it('[V1D1] a full socket is skipped, of which only the start of each batch is told', async () => {
  fill();
  const published = Array.from({ length: 100 }, (_, index) => `P${index}`);
  for (const name of published) app.publish('a', `<${name}>`);
  await tick();
  await tick();
  const got = await readAll();
  const lost = published.filter((name) => !got.includes(name));
  expect(lost.length).toBeGreaterThan(drops.length);
  expect(drops[0]).toBe('<P0>');
  expect(drops.every((drop) => lost.some((name) => drop === `<${name}>`))).toBe(true);
  // The messages that arrived are in order.
  const arrived = got.filter((name) => name.startsWith('P'));
  expect(arrived).toEqual(published.filter((name) => arrived.includes(name)));
});

it('[V1D1] drain comes once, when nothing is buffered', async () => {
  fill();
  await readAll();
  await tick();
  expect(drains).toEqual([0]);
});

it('[V1D1] a socket keeps the order of what is published and what is sent', async () => {
  app.publish('a', '<1>');
  ws.send('<2>');
  app.publish('b', '<3>');
  ws.cork(() => {
    ws.send('<4>');
    ws.send('<5>');
  });
  app.publish('a', '<6>');
  await tick();
  expect(await readAll()).toEqual(['1', '2', '3', '4', '5', '6', 'end']);
});

it('[V1D1] leaving a topic lets what was published before arrive, joining one does not', async () => {
  app.publish('a', '<1>');
  ws.unsubscribe('a');
  app.publish('b', '<2>');
  // The socket's last topic.
  ws.unsubscribe('b');
  app.publish('b', '<lost>');
  ws.subscribe('b');
  app.publish('b', '<3>');
  await tick();
  expect(await readAll()).toEqual(['1', '2', '3', 'end']);
});
