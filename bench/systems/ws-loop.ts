/**
 * A broadcast loop over `ws` with its fastest settings: deltas, one encoding per event, only the sockets of the
 * session.
 */
import { type WebSocket, WebSocketServer } from 'ws';
import { createBenchEngine } from '../engine/bench-engine.ts';
import { runExchange } from './exchange.ts';
import { createRestServer, listening, sessionOf } from './rest-routes.ts';
import { serveSystem } from './serve.ts';

const engine = createBenchEngine();
const sockets = new Map<string, Set<WebSocket>>();
const server = createRestServer((session, content) => {
  void runExchange(engine, session, content, 'delta', (event, data) => {
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
await serveSystem(engine, listening(server));
