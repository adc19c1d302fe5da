/**
 * A TCP proxy in front of PostgreSQL that can lose a connection at a chosen moment. It recognises messages by the
 * bytes of `commit` and of its answer, which no other part of a batch contains.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyFault =
  /** The batch reaches the server; the answer to `commit` is dropped and the connection cut. */
  | 'lose the answer to commit'
  /** The connection is cut when `commit` arrives, which is dropped. */
  | 'lose commit'
  /** The client's connection is cut when `commit` arrives; the server gets `commit` when the test says so. */
  | 'delay commit';

export type PostgresProxy = {
  /** `url` with the proxy's host and port. */
  readonly through: (url: string) => string;
  /** The next batch meets this fault; resolves when it has. */
  readonly next: (fault: ProxyFault) => Promise<void>;
  /** Delivers what `delay commit` held back; resolves when the server has handled it. */
  readonly deliver: () => Promise<void>;
  /** Refuses new connections, or accepts them again. */
  readonly refuse: (refused: boolean) => void;
  /** Cuts every connection without a message of the server. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

export async function postgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let refused = false;
  let fault: { readonly kind: ProxyFault; readonly met: () => void } | undefined;
  let delayed: (() => Promise<void>) | undefined;

  const server: Server = createServer((client) => {
    if (refused) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    let held = false;
    client.on('close', () => held || upstream.destroy());
    upstream.on('close', () => client.destroy());
    const meet = () => {
      const { met } = fault ?? { met: () => {} };
      fault = undefined;
      client.destroy();
      met();
    };
    client.on('data', (bytes) => {
      const at = bytes.indexOf('commit\0');
      if (at < 0 || fault === undefined || fault.kind === 'lose the answer to commit') {
        upstream.write(bytes);
        return;
      }
      if (fault.kind === 'delay commit') {
        held = true;
        delayed = () =>
          new Promise((resolve) => {
            upstream.on('close', () => resolve());
            upstream.end(bytes);
          });
      } else {
        // The bytes before `commit` in the same chunk still arrive.
        upstream.write(bytes.subarray(0, Math.max(0, at - 5)));
      }
      meet();
    });
    upstream.on('data', (bytes) => {
      if (fault?.kind === 'lose the answer to commit' && bytes.includes('COMMIT\0')) meet();
      else if (!client.destroyed) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    through: (url) => {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    },
    next: (kind) =>
      new Promise((resolve) => {
        fault = { kind, met: resolve };
      }),
    deliver: async () => delayed?.(),
    refuse: (value) => {
      refused = value;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
