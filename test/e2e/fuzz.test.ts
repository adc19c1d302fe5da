/**
 * Fuzzing the door. Goal: no bytes kill the server, make it answer 500, or leave sockets or memory behind. Method:
 * structured and raw bytes over plain TCP to the real server in a process of its own. After each visit another client
 * must be answered; sockets and heap are compared before and after.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { cases, effort, inTurn } from '../effort.ts';
import { passes, seedOfRun } from '../named-property.ts';
import { WatchedServer } from '../property/door/watched-server.ts';
import { openDoor, visitDoor } from '../property/open-door.ts';

it('[I12] [HTTP5] [HTTP11] [HTTP15] [WS7] [WS8] [V1B6] the server outlives whatever is sent to it', async () => {
  const { counts } = await passes(openDoor);
  // Not everything is refused: some requests and some handshakes succeed. Few visits may make nothing.
  for (const status of ['101', '200', '400', '404', ...(effort === 'full' ? ['201'] : [])])
    expect(counts[status], status).toBeGreaterThan(0);
}, 180_000);

const sabotages = [
  ['throws', /500|logged/],
  ['hoards', /left behind/],
] as const;
it.each(inTurn(sabotages, { oneIn: 2, seed: seedOfRun() }))(
  '[I12] [HTTP15] a server that %s is found out',
  async (sabotage, message) => {
    const verdict = await visitDoor(
      { runs: cases({ quick: 60, full: 300 }), seed: 1, msMax: 20_000 },
      sabotage,
    );
    expect(verdict.failure?.message).toMatch(message);
  },
  60_000,
);

it('[I12] a connection that stays is seen', async () => {
  const server = await WatchedServer.start();
  const before = server.sockets();
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  // It is answered after the server has accepted the connection.
  socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'data');
  expect(server.sockets()).toBe(before + 1);
  socket.destroy();
  await server.stop();
});
