/**
 * Tests run on the Node that runs vitest: `npm test` finds the dependency `node` first. A test that waits for an
 * event which never comes fails at the timeout; fast-check prints its seed and path when a property fails.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/long-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/one-environment.ts', 'test/property-seed.ts'],
    // Files of one worker share its modules: most of the time of small files was spent on loading them again. So a test
    // file leaves no module changed behind.
    isolate: false,
    // One more than cores: some files wait for processes, browsers and timers most of the time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    // They end what hangs, also on a machine that others use.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // A socket or server left open must fail the run, not hang it.
    teardownTimeout: 5_000,
    passWithNoTests: false,
  },
});
