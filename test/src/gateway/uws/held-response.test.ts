/**
 * Upgrades that come later than their requests. Goal: the sockets stay open, and uWebSockets.js has nothing to say about
 * them on the error output. Method: a process of its own, whose output is read; sockets open and close many times.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
const program = `
import WebSocket from ${at('../../../../node_modules/ws/wrapper.mjs')};
const { loadUws } = await import(${at('../../../../src/gateway/uws/uws-loader.ts')});
const { heldResponse } = await import(${at('../../../../src/gateway/uws/held-response.ts')});
const uws = loadUws();
const held = await heldResponse(uws, { warn: (message) => process.stderr.write(message) });
const app = uws.App();
app.ws('/*', {
  upgrade: (res, req, context) => {
    const key = req.getHeader('sec-websocket-key');
    res.onAborted(() => {});
    setImmediate(() => held.cork(() => res.upgrade({}, key, '', '', context)));
  },
  open: (socket) => void socket.send('hello'),
});
app.listen('127.0.0.1', 0, async (listening) => {
  const url = 'ws://127.0.0.1:' + uws.us_socket_local_port(listening);
  let closed = 0;
  for (let round = 0; round < 20; round++) {
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.on('close', () => closed++);
        socket.on('message', () => resolve(socket));
      })),
    );
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (closed > 0) throw new Error(closed + ' sockets were closed');
    for (const socket of sockets) {
      socket.removeAllListeners('close');
      socket.terminate();
    }
  }
  held.close();
  app.close();
});
`;

it('[WS1] sockets that are upgraded later stay open, without a word on the error output', async () => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    timeout: 50_000,
  });
  expect(await run).toEqual({ stdout: '', stderr: '' });
});
