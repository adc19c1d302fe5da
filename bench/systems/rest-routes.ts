/** The two REST routes that a run needs, on a bare `node:http` server, for peers without a framework. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { newSession } from './exchange.ts';

/** `onMessage` begins the exchange; the response is sent before it runs, as in docs/protocol.md A2. */
export function createRestServer(onMessage: (session: string, content: string) => void): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const [, , session] = request.url?.split('/') ?? [];
      const answer = session === undefined ? newSession('bench') : {};
      if (session !== undefined) onMessage(session, String(Reflect.get(Object(body), 'content')));
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
}

export async function listening(server: Server): Promise<{ readonly port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port };
}

/** `?sessionId=` of an upgrade. */
export function sessionOf(url: string | undefined): string {
  return new URL(url ?? '/', 'http://localhost').searchParams.get('sessionId') ?? '';
}
