/**
 * Tests run on the Node that runs vitest: `npm test` finds the dependency `node` first. A test that waits for an
 * event which never comes fails at the timeout; fast-check prints its seed and path when a property fails.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A socket or server left open must fail the run, not hang it.
    teardownTimeout: 5_000,
    passWithNoTests: false,
  },
});
