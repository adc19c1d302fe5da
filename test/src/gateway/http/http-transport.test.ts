/** Requests that the transport itself refuses, and clients that go away, through real sockets. */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { fakeServices } from '../fake-services.ts';
import { type RunningGateway, rawExchange, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());
beforeEach(() => {
  const { answerAddMessage, beforeRead, isReady } = fakeServices();
  Object.assign(running.services, { answerAddMessage, beforeRead, isReady });
  running.services.calls.length = 0;
  running.log.lines.length = 0;
});

describe('the transport', () => {
  it('[HTTP11] a path over the limit is refused', async () => {
    const path = `/${'a'.repeat(limits.pathUnitsMax)}`;
    const response = await running.request(path);
    expect(response.status).toBe(414);
    expect(await response.json()).toMatchObject({
      path,
      message: 'Path must not be longer than 4096 characters',
    });
    expect((await running.request(path.slice(0, -1))).status).toBe(404);
  });

  it.each([
    ['431', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'a'.repeat(limits.requestHeadBytesMax)}\r\n\r\n`],
    ['505', 'GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n'],
    ['400', 'GET /health HTTP/1.1\r\n\r\n'],
    ['400', 'POST /logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    [
      '400',
      'POST /logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
  ])('[HTTP11] what is not sound HTTP/1.1 gets a bare %s and is disconnected', async (status, bytes) => {
    expect(await rawExchange(running.port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await running.request('/health')).status).toBe(200);
  });

  it('[HTTP16] a client that goes away while it waits disturbs nobody', async () => {
    let release = () => {};
    const reading = new Promise<void>((asked) => {
      running.services.beforeRead = () => {
        asked();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      };
    });
    const socket = connect(running.port, '127.0.0.1');
    socket.write('GET /traces HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await reading;
    socket.resetAndDestroy();
    // The server handles the reset before it accepts later connections.
    expect((await running.request('/health')).status).toBe(200);
    release();
    expect((await running.request('/health')).status).toBe(200);
    expect(running.log.lines).toEqual([]);
  });

  it('[HTTP16] a client that goes away in the middle of its body disturbs nobody', async () => {
    const socket = connect(running.port, '127.0.0.1');
    socket.write('POST /chat-sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"title');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await running.request('/health')).status).toBe(200);
    expect(running.services.calls).toEqual([]);
  });
});
