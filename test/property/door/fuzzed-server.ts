/**
 * The real server in a process of its own, which reports its health over IPC: its heap after a collection, and the
 * errors that it logged. Fork it with `--expose-gc`; the first argument is its data folder, the second names what is
 * broken in it.
 */

import { startCallboard } from '../../../src/callboard.ts';
import { systemClock } from '../../../src/clock.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { systemIds } from '../../../src/ids.ts';
import { createLogging } from '../../../src/logs/logging.ts';
import type { Storage } from '../../../src/storage/storage.ts';

/** The process's report about itself. */
export type Health = {
  readonly heapBytes: number;
  /** Memory outside of the heap, in buffers. */
  readonly bufferBytes: number;
  /** Lines that were logged as errors since the last answer. */
  readonly errors: readonly string[];
};

/** What a test breaks on purpose, to check that it is noticed. */
export type Sabotage = 'none' | 'throws' | 'hoards';

const sabotage = process.argv[3] ?? 'none';
const hoard: unknown[] = [];
/** Breaks the list of sessions, which many visitors read. */
function sabotaged(storage: Storage): Storage {
  if (sabotage === 'none') return storage;
  const sessions: Storage['readModel']['sessions'] = (page) => {
    if (sabotage === 'throws') throw new Error('sabotage');
    hoard.push(Array.from({ length: 2_000_000 }, (_, index) => index + 0.5));
    return storage.readModel.sessions(page);
  };
  const readModel = new Proxy(storage.readModel, {
    get: (whole, name) => {
      const own: unknown = Reflect.get(whole, name);
      if (name === 'sessions') return sessions;
      return typeof own === 'function' ? own.bind(whole) : own;
    },
  });
  return { ...storage, readModel };
}

const argv = ['--port', '0', '--data', process.argv[2] ?? ''];
const env = {
  CALLBOARD_REHEARSAL_TOKENS: '3',
  CALLBOARD_REHEARSAL_DELAY_MS: '0',
  CALLBOARD_LOG_LEVEL: 'warn',
};
const loaded = loadConfig({ argv, env, cwd: process.cwd() });
if (loaded.ok !== true) throw new Error('the configuration is wrong');
let errors: string[] = [];
const destination = {
  write: (line: string) => {
    if (line.includes('"level":"error"')) errors.push(line);
  },
};
const logging = createLogging({
  level: loaded.config.logLevel,
  clock: systemClock,
  ids: systemIds,
  destination,
});
const callboard = await startCallboard(loaded.config, logging, { wrapStorage: sabotaged });

process.on('message', (question) => {
  if (question !== 'health') return;
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  process.send?.({ heapBytes: heapUsed, bufferBytes: arrayBuffers, errors } satisfies Health);
  errors = [];
});
// The parent has gone, or disconnected.
process.on('disconnect', () => void callboard.stop().then(() => process.exit(0)));
process.send?.({ port: callboard.port });
