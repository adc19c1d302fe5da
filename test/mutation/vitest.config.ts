/**
 * The tests for mutants: those of the mutated folders, which need neither a server nor a database. The fast ones run
 * first, because a mutant is finished at the first test that fails.
 */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From cheap to dear; any other goes between. Charts are made once, so those who look at all of them go first. */
const cheapFirst = [
  'test/schema/',
  'connection',
  'growing-text',
  'interruption',
  'runtime-config',
  'tool-call',
];
const dearLast = ['turn', 'chat-session', 'live-session', 'charts'];

function rank({ moduleId }: TestSpecification): number {
  const early = cheapFirst.findIndex((part) => moduleId.includes(part));
  if (early >= 0) return early;
  const late = dearLast.findIndex((part) => moduleId.includes(`/machines/${part}.`));
  return cheapFirst.length + 1 + late;
}

class CheapFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/schema/**/*.test.ts', 'test/machines/**/*.test.ts'],
    // It measures how much of the machines is reached, not what they do.
    exclude: ['test/machines/coverage.test.ts'],
    setupFiles: ['test/property-seed.ts', 'test/mutation/time-limit.ts'],
    // As many cases as in CI: fewer would leave mutants alive.
    env: { TEST_EFFORT: 'full' },
    testTimeout: 20_000,
    isolate: false,
    sequence: { sequencer: CheapFirst },
  },
});
