/** Starting and ending: ports, errors, requests under way. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import { GatewayListenError } from '../../../src/gateway/uws/listen-error.ts';
import { type FakeServices, fakeServices, session } from './fake-services.ts';
import {
  authenticatedBy,
  emptyEventLog,
  fixedClock,
  recordingLog,
  refusedUpgrade,
  runGateway,
} from './running-gateway.ts';

const options = {
  host: '127.0.0.1',
  port: 0,
  ...authenticatedBy({ apiKeys: [] }),
  idleTimeoutSeconds: 120,
  eventLog: emptyEventLog,
  newestSeq: 0,
  streamFlushMs: 0,
  clock: fixedClock,
  log: recordingLog(),
};

it('[HTTP20] a port in use is one clear error, whoever uses it', async () => {
  const { gateway, port } = await runGateway();
  const second = createGateway({ ...options, port });
  await expect(second.listen(fakeServices())).rejects.toThrow(
    new GatewayListenError({ host: '127.0.0.1', port }, 'EADDRINUSE'),
  );
  await second.close();
  await gateway.close();

  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const third = createGateway({ ...options, port: taken });
  await expect(third.listen(fakeServices())).rejects.toThrow(
    `cannot listen on 127.0.0.1:${taken}: the port is in use`,
  );
  await third.close();
  other.close();
});

it('[HTTP20] an address of another machine is one clear error', async () => {
  const gateway = createGateway({ ...options, host: '192.0.2.1' });
  await expect(gateway.listen(fakeServices())).rejects.toThrow('this machine does not have the address');
  await gateway.close();
});

it('the publisher can be used before listening and after closing', async () => {
  const gateway = createGateway(options);
  const publish = () =>
    gateway.publisher.durable({ type: 'session.created', sessionId: session.id, data: session, at: 0 }, 1);
  publish();
  expect(gateway.connections()).toBe(0);
  await gateway.listen(fakeServices());
  await gateway.close();
  publish();
  expect(gateway.connections()).toBe(0);
  await gateway.close();
});

/** Makes the next read wait; `asked` resolves when it has begun, `release` lets it continue. */
function heldRead(services: FakeServices): { readonly asked: Promise<void>; readonly release: () => void } {
  const held = Promise.withResolvers<void>();
  const asked = new Promise<void>((resolve) => {
    services.beforeRead = () => {
      resolve();
      return held.promise;
    };
  });
  return { asked, release: held.resolve };
}

it('[HTTP21] closing answers what is in flight and accepts no new connection', async () => {
  const { gateway, services, request, port } = await runGateway();
  const { asked, release } = heldRead(services);
  const inFlight = request('/chat-sessions');
  await asked;
  const closing = gateway.close();
  await expect(request('/health')).rejects.toThrow();
  await expect(refusedUpgrade(port, '/logs')).rejects.toThrow();
  release();
  expect(await (await inFlight).json()).toEqual([session]);
  await closing;
});

it('[HTTP21] a request on a connection that is open already is refused while closing', async () => {
  const { gateway, services, request, port } = await runGateway();
  const { asked, release } = heldRead(services);
  const open = connect(port, '127.0.0.1');
  open.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(open, 'data');
  const inFlight = request('/traces');
  await asked;
  const closing = gateway.close();
  open.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [received] = await once(open, 'data');
  expect(String(received)).toMatch(/^HTTP\/1\.1 503 .*"message":"Server is shutting down"/s);
  await once(open, 'close');
  release();
  expect((await inFlight).status).toBe(200);
  await closing;
});

it('[HTTP21] a request that takes too long is cut off', async () => {
  let graceIsOver = () => {};
  const clock: Clock = {
    ...fixedClock,
    after(delay, run) {
      if (delay !== limits.shutdownGraceMs) return fixedClock.after(delay, run);
      graceIsOver = run;
      return () => {};
    },
  };
  const { gateway, services, request } = await runGateway({ clock });
  const { asked } = heldRead(services);
  const inFlight = request('/traces');
  const cutOff = expect(inFlight).rejects.toThrow();
  await asked;
  const closing = gateway.close();
  graceIsOver();
  await closing;
  await cutOff;
});
