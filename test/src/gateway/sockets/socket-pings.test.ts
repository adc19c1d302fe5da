/** Goal: a client that sends nothing hears something before a proxy loses patience. Method: real sockets, short times. */
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { startPings } from '../../../../src/gateway/sockets/socket-pings.ts';
import { Client, fixedClock, runGateway } from '../running-gateway.ts';

it.each([0, 960])(
  '[WS16] [WS3] pings a silent baseline socket, and sends it no frame, with an idle timeout of %d s',
  async (idleTimeoutSeconds) => {
    const { gateway, port } = await runGateway({ idleTimeoutSeconds, pingMs: 20 });
    const client = await Client.open(port, '/logs');
    client.socket.on('message', () => expect.unreachable('a baseline socket hears nothing but events'));
    await once(client.socket, 'ping');
    await once(client.socket, 'ping');
    client.socket.close();
    await client.closed;
    await gateway.close();
  },
);

it('[WS16] [V1A7] a callboard.v1 socket hears heartbeats and needs no pings', async () => {
  const { gateway, port } = await runGateway({ heartbeatMs: 20, pingMs: 5 });
  const client = await Client.open(port, '/live', ['callboard.v1']);
  client.socket.on('ping', () => expect.unreachable('heartbeats are enough'));
  expect(await client.next()).toMatchObject({ event: 'hello' });
  for (let beat = 0; beat < 5; beat++) expect(await client.next()).toMatchObject({ event: 'heartbeat' });
  client.socket.close();
  await client.closed;
  await gateway.close();
});

it('[WS16] pings each socket once per round, whatever opens or closes meanwhile, and none that has closed', () => {
  const batches = 3;
  const size = limits.pingBatchSockets * batches;
  fc.assert(
    fc.property(
      fc.nat({ max: size }),
      fc.array(fc.nat({ max: size }), { maxLength: 50 }),
      (count, closing) => {
        const pings = new Map<number, number>();
        const open = new Set<{ readonly ping: () => number }>();
        const all = Array.from({ length: count }, (_, index) => ({
          ping: () => {
            expect(open.has(all[index] ?? { ping: () => 0 })).toBe(true);
            pings.set(index, (pings.get(index) ?? 0) + 1);
            return 1;
          },
        }));
        for (const socket of all) open.add(socket);
        const soon: (() => void)[] = [];
        const timers: (() => void)[] = [];
        const clock = {
          ...fixedClock,
          soon: (run: () => void) => void soon.push(run),
          after: (_: number, run: () => void) => {
            timers.push(run);
            return () => timers.splice(0);
          },
        };
        const stop = startPings(open, { clock, everyMs: limits.pingMs });
        timers.shift()?.();
        for (const index of closing) {
          const socket = all[index];
          if (socket !== undefined) open.delete(socket);
        }
        while (soon.length > 0) soon.shift()?.();
        for (const [index, socket] of all.entries()) {
          expect(pings.get(index) ?? 0).toBeLessThanOrEqual(1);
          if (open.has(socket)) expect(pings.get(index)).toBe(1);
        }
        expect(timers).toHaveLength(1);
        stop();
        expect(timers).toHaveLength(0);
      },
    ),
  );
});
