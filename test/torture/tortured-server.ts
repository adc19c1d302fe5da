/** The real server with a probe among its tools and, if `TORTURE_KILL` says so, a journal that kills it. */
import { join } from 'node:path';
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { createClockTool } from '../../src/tools/clock-tool.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { killing, planOf } from './kill-plan.ts';
import { probeTool } from './probe-tool.ts';

export const probeFileName = 'probe-runs.txt';

const loaded = loadConfig({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
if (loaded.ok !== true) throw new Error(loaded.ok === 'exit' ? loaded.text : loaded.message);
const { config } = loaded;
const plan = planOf(process.env['TORTURE_KILL']);
const logging = createLogging({ level: config.logLevel, clock: systemClock, ids: systemIds });

function killNow(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before the next statement on Linux; elsewhere nothing may run meanwhile.
  for (;;);
}

const callboard = await startCallboard(config, logging, {
  tools: createToolBox([
    createClockTool(systemClock),
    probeTool(join(process.cwd(), probeFileName), systemClock),
    {
      ...probeTool(join(process.cwd(), probeFileName), systemClock),
      name: 'guarded',
      requiresApproval: true,
    },
  ]),
  wrapStorage: (storage) =>
    plan === null ? storage : { ...storage, journal: killing(storage.journal, plan, killNow) },
});
process.stdout.write(`listens on http://127.0.0.1:${callboard.port}\n`);
process.on('SIGTERM', () => {
  void callboard.stop().then((flushed) => process.exit(flushed ? 0 : 1));
});
