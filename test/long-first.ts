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
  'test/contract/journal',
  'test/attack/strangers',
  'test/attack/mutants',
  'test/chaos/',
  'test/e2e/',
  'test/attack/',
  'test/simulation/',
  'test/src/tools/mcp/odd-tool-servers',
  'test/stories/recovery',
  'test/src/engines/providers/',
  'test/src/storage/sql/replay',
  'test/machines/',
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
