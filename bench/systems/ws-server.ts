/** A broadcast loop over `ws` with its fastest settings: one encoding per event, only the sockets of the session. */
import { type WebSocket, WebSocketServer } from 'ws';
import type { Emit } from './exchange.ts';
import { createRestServer, listening, sessionOf } from './rest-routes.ts';

export function startWsLoop(
  answer: (session: string, content: string, emit: Emit) => void,
): Promise<{ readonly port: number }> {
  const sockets = new Map<string, Set<WebSocket>>();
  const server = createRestServer((session, content) => {
    answer(session, content, (event, data) => {
      const members = sockets.get(session);
      if (members === undefined || members.size === 0) return;
      // A Buffer, so that `ws` does not encode the text again for each socket.
      const frame = Buffer.from(JSON.stringify({ event, data }));
      for (const socket of members) socket.send(frame, { binary: false });
    });
  });
  // Compression is off by default; written out for readers who do not know that.
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
    const session = sessionOf(request.url);
    const members = sockets.get(session) ?? new Set();
    sockets.set(session, members.add(socket));
    socket.on('close', () => members.delete(socket));
  });
  return listening(server);
}
