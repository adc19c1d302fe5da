/**
 * Goal: a server that has as many connections as it can take says so, and goes on working. Method: a real server that may
 * open 256 files, more clients than that, and a client that asks it for work all the while.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { boundsFor, softDescriptorLimit } from '../../src/descriptor-limit.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import {
  type ServerProcess,
  spawnServer,
  startServer,
  temporaryFolder,
} from '../processes/server-process.ts';
import { refusedUpgrade } from '../src/gateway/running-gateway.ts';

const descriptorsMax = 256;
const { connectionsMax, transportConnectionsMax } = boundsFor(descriptorsMax);

it('[LAP3] the bounds leave room for everything else, however few descriptors there are', () => {
  expect(boundsFor(Number.POSITIVE_INFINITY)).toEqual({
    connectionsMax: 100_000,
    transportConnectionsMax: Number.POSITIVE_INFINITY,
  });
  expect(boundsFor(1024)).toEqual({ connectionsMax: 896, transportConnectionsMax: 960 });
  for (let descriptors = 8; descriptors < 2000; descriptors++) {
    const bounds = boundsFor(descriptors);
    expect(bounds.connectionsMax).toBeGreaterThan(0);
    expect(bounds.connectionsMax).toBeLessThan(bounds.transportConnectionsMax);
    expect(bounds.transportConnectionsMax).toBeLessThan(descriptors);
  }
});

it('[LAP3] the limit is the soft one of the process', () => {
  const head = 'Limit                     Soft Limit           Hard Limit           Units\n';
  const line = (soft: string) =>
    `${head}Max open files            ${soft}                 4096                 files\n`;
  expect(softDescriptorLimit(line('1024'))).toBe(1024);
  for (const text of [line('unlimited'), head, ''])
    expect(softDescriptorLimit(text)).toBe(Number.POSITIVE_INFINITY);
});

describe.runIf(process.platform === 'linux')(`with ${descriptorsMax} descriptors`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let sockets: WebSocket[] = [];
  let idle: Socket[] = [];
  beforeEach(async () => {
    folder = await temporaryFolder();
    server = await startServer({ dataFolder: folder.path, descriptorsMax });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    for (const socket of idle.splice(0)) socket.destroy();
    await server.end('SIGKILL');
    await folder.remove();
  });

  async function fill(): Promise<void> {
    sockets = Array.from(
      { length: connectionsMax },
      () => new WebSocket(`ws://127.0.0.1:${server.port}/logs`),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
  }

  async function isWorking(): Promise<boolean> {
    const created = await request(server.url, 'POST', '/chat-sessions', { title: 'Full' });
    const stored = await fetch(`${server.url}/files`, { method: 'POST', body: 'text' });
    return textAt(created.body, 'id') !== '' && stored.status === 201;
  }

  it('[LAP3] says at start how many clients can stay', async () => {
    const other = await temporaryFolder();
    const child = spawnServer({ dataFolder: other.path, descriptorsMax });
    let said = '';
    for await (const text of child.stdout ?? []) {
      said += String(text);
      if (/listens on/.test(said)) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    await other.remove();
    expect(said).toContain(`at most ${connectionsMax} clients can stay connected`);
  });

  it('[LAP3] one client too many is answered 503, and those that are there go on', async () => {
    await fill();
    expect(await refusedUpgrade(server.port, '/logs')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    const stream = await fetch(`${server.url}/events`);
    expect(stream.status).toBe(503);
    await stream.body?.cancel();
    expect(await isWorking()).toBe(true);
    // Who leaves makes room, each time: nobody is counted who has gone.
    for (let turn = 0; turn < 2; turn++) {
      const gone = sockets.map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.close();
      await Promise.all(gone);
      await fill();
    }
  });

  it('[LAP3] connections on which nothing comes are closed before there are too many, and no file is missing', async () => {
    await fill();
    let closed = 0;
    idle = Array.from({ length: 2 * descriptorsMax }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.once('close', () => closed++);
      return socket;
    });
    const most = 2 * descriptorsMax - (transportConnectionsMax - connectionsMax);
    await expect.poll(() => closed, { timeout: 8000 }).toBeGreaterThanOrEqual(most);
    // The clients that are connected can still work.
    const socket = sockets[0];
    if (socket === undefined) throw new Error('there is no client');
    const pong = once(socket, 'pong');
    socket.ping();
    await pong;
    for (const one of idle.splice(0)) one.destroy();
    await expect.poll(() => isWorking().catch(() => false), { timeout: 8000 }).toBe(true);
  });
});
