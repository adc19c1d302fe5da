/** A free port of 127.0.0.1, for servers that restart on the same port. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The system reuses a port that it chose itself too late, but a port that was asked for at once. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
