/**
 * A response of uWebSockets.js that is never answered, of a connection of this process with itself, whose `cork` is used for
 * work on other connections.
 *
 * uWebSockets.js says on the error output that whatever is done with a response belongs into a `cork`. But after the `cork` of
 * a response that was upgraded meanwhile it goes on to read the response's memory, which may be the new WebSocket's by then,
 * and may take what it finds there for the wish to close the connection. In the `cork` of another response it reads that one.
 */

import type { HttpResponse, us_listen_socket } from 'uWebSockets.js';
import { connect } from 'node:net';
import type { Log } from '../../../actors/ports.ts';
import type { Uws } from './uws-loader.ts';

export type HeldResponse = {
  /** Calls `work` at once. */
  readonly cork: (work: () => void) => void;
  readonly close: () => void;
};

/** Where this machine has no loopback address, there is none: the warnings must be borne then. */
export async function heldResponse(uws: Uws, log: Pick<Log, 'warn'>): Promise<HeldResponse> {
  try {
    return await holdResponse(uws);
  } catch (cause) {
    log.warn('No response can be held for upgrades; uWebSockets.js will warn of each', { cause });
    return { cork: (work) => work(), close: () => {} };
  }
}

async function holdResponse(uws: Uws): Promise<HeldResponse> {
  const app = uws.App();
  let held: HttpResponse | undefined;
  const asked = Promise.withResolvers<void>();
  app.any('/*', (res) => {
    held = res;
    res.onAborted(() => {
      if (held === res) held = undefined;
    });
    asked.resolve();
  });
  const listening = await new Promise<us_listen_socket>((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('nothing can listen on 127.0.0.1'));
      else resolve(socket);
    });
  });
  const connection = connect(uws.us_socket_local_port(listening), '127.0.0.1', () => {
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  connection.on('error', asked.reject);
  try {
    await asked.promise;
  } catch (cause) {
    app.close();
    throw cause;
  }
  uws.us_listen_socket_close(listening);
  connection.unref();
  return {
    cork(work) {
      if (held === undefined) work();
      else held.cork(work);
    },
    close() {
      app.close();
      connection.destroy();
    },
  };
}
