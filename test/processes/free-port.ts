/** A port of 127.0.0.1 that nobody listens on, for servers that come back to the same one. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** What was bound to "any free port" cannot be bound again at once; a port that was asked for can. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
