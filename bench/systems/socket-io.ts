/**
 * Socket.IO with its fastest settings: WebSocket only, no compression, a room per session; its adapter encodes once
 * per event.
 */
import { Server } from 'socket.io';
import { createBenchEngine } from '../engine/bench-engine.ts';
import { runExchange } from './exchange.ts';
import { createRestServer, listening } from './rest-routes.ts';
import { serveSystem } from './serve.ts';

const engine = createBenchEngine();
const server = createRestServer((session, content) => {
  void runExchange(engine, session, content, 'delta', (event, data) => io.to(session).emit(event, data));
});
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query['sessionId']));
});
await serveSystem(engine, listening(server));
