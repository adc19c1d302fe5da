/** The `ws` loop with the engine of all systems: deltas. */
import { createBenchEngine } from '../engine/bench-engine.ts';
import { runExchange } from './exchange.ts';
import { serveSystem } from './serve.ts';
import { startWsLoop } from './ws-server.ts';

const engine = createBenchEngine();
const loop = startWsLoop((session, content, emit) => {
  void runExchange(engine, session, content, 'delta', emit);
});
await serveSystem(engine, loop);
