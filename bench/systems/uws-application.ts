/** Bare uWebSockets.js with the routes of a run: sockets that hear one session, and questions. */
import type { TemplatedApp } from 'uWebSockets.js';
import { loadUws } from '../../src/gateway/uws/uws-loader.ts';
import { newSession } from './exchange.ts';

export type UwsApplication = {
  readonly app: TemplatedApp;
  readonly listening: Promise<{ readonly port: number }>;
};

export function uwsApplication(
  onMessage: (app: TemplatedApp, session: string, content: string) => void,
): UwsApplication {
  const uws = loadUws();
  const app = uws.App();
  app
    .ws<{ session: string }>('/live', {
      maxBackpressure: 0,
      idleTimeout: 120,
      upgrade: (response, request, context) => {
        response.upgrade(
          { session: request.getQuery('sessionId') ?? '' },
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (socket) => void socket.subscribe(socket.getUserData().session),
    })
    .post('/chat-sessions', (response) => {
      response.writeStatus('201 Created').end(JSON.stringify(newSession('bench')));
    })
    .post('/chat-sessions/:id/messages', (response, request) => {
      const session = request.getParameter(0) ?? '';
      const chunks: Buffer[] = [];
      response.onAborted(() => {});
      response.onData((chunk, last) => {
        // The chunk must be copied: its memory is freed when this returns.
        chunks.push(Buffer.from(new Uint8Array(chunk).slice()));
        if (!last) return;
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        response.cork(() => response.writeStatus('201 Created').end('{}'));
        onMessage(app, session, String(Reflect.get(Object(body), 'content')));
      });
    });
  const listening = new Promise<{ readonly port: number }>((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('cannot listen'));
      else resolve({ port: uws.us_socket_local_port(socket) });
    });
  });
  return { app, listening };
}
