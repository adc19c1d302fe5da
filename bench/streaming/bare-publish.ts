/** The ceiling: uWebSockets.js publishing the same frames with nothing of Callboard around it. */
import { loadUws } from '../../src/gateway/uws-loader.ts';

const frameBytes = Number(process.env['FRAME_BYTES'] ?? 120);
const app = loadUws().App();
app
  .ws('/live', { maxBackpressure: 0, open: (ws) => void ws.subscribe('t') })
  .post('/go', (res, req) => {
    const frames = Number(req.getHeader('x-frames'));
    const perTick = Number(req.getHeader('x-per-tick'));
    res.onAborted(() => {});
    const frame = 'x'.repeat(frameBytes);
    let left = frames;
    const tick = () => {
      for (let count = 0; count < perTick && left > 0; count++, left--) app.publish('t', frame);
      if (left > 0) setImmediate(tick);
    };
    tick();
    res.end('{}');
  })
  .listen('127.0.0.1', 0, (socket) => {
    if (socket !== false) process.stdout.write(`127.0.0.1:${loadUws().us_socket_local_port(socket)}\n`);
  });
process.on('SIGTERM', () => process.exit(0));
