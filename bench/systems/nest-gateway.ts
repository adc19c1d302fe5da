/** The baseline's shape with the engine of all systems. */
import { createBenchEngine } from '../engine/bench-engine.ts';
import { runExchange } from './exchange.ts';
import { startNestApplication } from './nest-application.ts';
import { serverArgument, serveSystem } from './serve.ts';

const engine = createBenchEngine();
const application = startNestApplication(
  (session, content, emit) => void runExchange(engine, session, content, 'whole', emit),
  { compress: serverArgument().compression === 'on' },
);
await serveSystem(engine, application);
