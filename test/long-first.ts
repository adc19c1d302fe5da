/**
 * The order of test files. Long ones start first, so that no worker is left alone with one of them at the end; the
 * others follow in vitest's order.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longest first. */
const long = [
  'test/bench/smoke',
  'test/torture/torture',
  'test/bench/counted',
  'test/browser/inspect',
  'test/src/gateway/sockets/idle',
  'test/torture/outage',
  'test/browser/',
  'test/attack/strangers',
  'test/contract/journal',
  'test/attack/mutants',
  'test/chaos/',
  'test/e2e/',
  'test/attack/ended-credentials',
  'test/simulation/',
  'test/src/storage/sql/replay',
  'test/machines/coverage',
];

function rank({ moduleId }: TestSpecification): number {
  const found = long.findIndex((part) => moduleId.includes(part));
  return found === -1 ? long.length : found;
}

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
