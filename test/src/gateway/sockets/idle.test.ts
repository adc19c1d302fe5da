/**
 * Silent connections. These tests take as long as the shortest timeouts of the transport, which it rounds up. They
 * run at the same time, in a file of their own, and wait only for the disconnection.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { effort } from '../../../effort.ts';
import { Client, runGateway } from '../running-gateway.ts';

it.concurrent('[WS10] a peer that answers no pings is found and disconnected; one that does stays', async () => {
  const { gateway, port } = await runGateway({ idleTimeoutSeconds: 8 });
  const alive = await Client.open(port, '/logs');
  const dead = connect(port, '127.0.0.1');
  dead.write(
    'GET /logs HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  dead.resume();
  await once(dead, 'close');
  await alive.settled();
  expect(gateway.connections()).toBe(1);
  await gateway.close();
}, 60_000);

// It waits for half a minute.
it.runIf(effort === 'full').concurrent(
  '[HTTP18] a request that never gets complete is disconnected',
  async () => {
    const { gateway, port } = await runGateway();
    const pieces = [
      '',
      'GET /health HT',
      'POST /logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{',
    ];
    await Promise.all(
      pieces.map((piece) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(piece);
        socket.resume();
        return once(socket, 'close');
      }),
    );
    await gateway.close();
  },
  60_000,
);
