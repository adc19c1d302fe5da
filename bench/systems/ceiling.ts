/**
 * The ceiling: bare uWebSockets.js `publish`, with no code of Callboard on a frame's way. It replays a recorded run
 * of Callboard v1: the same bytes at the same moments, so with the same batching. What v1 needs in addition is the
 * cost of sessions, actors, journal and encoding.
 */
import { z } from 'zod';
import { loadUws } from '../../src/gateway/uws/uws-loader.ts';
import { readEmissions } from '../engine/emissions-file.ts';
import { emissionKey, promptOf } from '../engine/prompt.ts';
import { TokenTimer } from '../engine/token-timer.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { newSession } from './exchange.ts';
import { emissionsBeside, type Flush, readRecording } from './recording.ts';
import { serveSystem } from './serve.ts';

const uws = loadUws();
const timer = new TokenTimer();
/** By session index. */
let recording: ReadonlyMap<number, readonly Flush[]> = new Map();
/** When v1's engine emitted each token, ms after the start, by `emissionKey`. */
let recordedEmissions: ReadonlyMap<string, Float64Array> = new Map();
let emissions = new Map<string, Float64Array>();
const app = uws.App();

function replay(session: string, content: string): void {
  const prompt = promptOf(content);
  const { session: index, startAtMs } = prompt;
  const startMs = startAtMs === 0 ? monotonicMs() : startAtMs;
  const flushes = recording.get(index) ?? [];
  const key = emissionKey(prompt);
  emissions.set(
    key,
    Float64Array.from(recordedEmissions.get(key) ?? [], (ms) => startMs + ms),
  );
  const next = (at: number): void => {
    const flush = flushes[at];
    if (flush === undefined) return;
    const publish = () => {
      for (const frame of flush.frames) app.publish(session, frame, false);
      next(at + 1);
    };
    // A late flush is sent in a tick of its own, without another wait.
    if (startMs + flush.atMs <= monotonicMs()) setImmediate(publish);
    else timer.at(startMs + flush.atMs, publish);
  };
  next(0);
}

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
      replay(session, String(Reflect.get(Object(body), 'content')));
    });
  });

const listening = new Promise<{ port: number }>((resolve, reject) => {
  app.listen('127.0.0.1', 0, (socket) => {
    if (socket === false) reject(new Error('cannot listen'));
    else resolve({ port: uws.us_socket_local_port(socket) });
  });
});
const replayed = {
  prepare: () => {},
  takeEmissions: () => {
    const taken = emissions;
    emissions = new Map();
    return taken;
  },
};
await serveSystem(replayed, listening, {
  record: (data) => {
    const file = z.string().parse(data);
    recording = readRecording(file);
    recordedEmissions = readEmissions(emissionsBeside(file));
  },
});
