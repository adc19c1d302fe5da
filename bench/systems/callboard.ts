/** Callboard itself, as `npm start` wires it, with the bench engine in place of the rehearsal engine unless it is asked for. */
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { engineSettingsSchema } from '../../src/config/engine-settings.ts';
import { configSchema } from '../../src/config/settings.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { createBenchEngine } from '../engine/bench-engine.ts';
import { heapAfterCollections, watchCollections } from '../process/natural-collections.ts';
import type { ProviderPlace } from '../provider/provider-argument.ts';
import { serverArgument, serveSystem } from './serve.ts';

const { folder, engine: chosen = 'bench', provider, ...settings } = serverArgument();
const engine = createBenchEngine();
const config = {
  ...engineSettingsSchema.parse(
    provider === undefined ? {} : { providers: { bench: providerSettings(provider) } },
  ),
  ...configSchema.parse({
    ...(provider === undefined ? {} : { defaultModel: 'bench/model' }),
    port: 0,
    dataFolder: folder,
    logLevel: 'warn',
    shutdownGraceMs: 0,
    ...settings,
  }),
};
const logging = createLogging({ level: config.logLevel, clock: systemClock, ids: systemIds, pretty: false });
let encodings = 0;
await serveSystem(
  engine,
  startCallboard(config, logging, chosen === 'bench' && provider === undefined ? { engine } : {}),
  {
    /**
     * Counts calls of `JSON.stringify` from now on. Only the scenario that needs the count asks for it, because
     * counting slows them down.
     */
    countEncodings: () => {
      JSON.stringify = new Proxy(JSON.stringify, {
        apply: (stringify, self, given) => {
          encodings++;
          return Reflect.apply(stringify, self, given);
        },
      });
    },
    encodings: () => encodings,
    watchCollections,
    heapAfterCollections,
  },
);

function providerSettings({ url, format }: ProviderPlace) {
  return { type: format, baseUrl: `${url}/v1`, apiKey: 'bench', models: ['model'] };
}
