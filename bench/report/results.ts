/** Builds the results of a run from its figures. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { whyNotPinned } from '../process/measured-process.ts';
import type { Run } from '../runner.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Results } from './results-schema.ts';
import { columnsOf, tablesOf } from './summary.ts';
import { judgedTargets } from './targets.ts';

/** `load` is the machine's load before the run began. */
export function resultsOf(options: {
  readonly scenarios: readonly Scenario[];
  readonly runs: readonly Run[];
  readonly seed: number;
  readonly load: number;
}): Results {
  const { scenarios, runs, seed, load } = options;
  const tables = tablesOf(scenarios, runs);
  return {
    format: 'callboard-bench-1',
    at: new Date().toISOString(),
    machine: thisMachine(load),
    seed,
    tables: [...tables],
    targets: judgedTargets(tables),
    runs: runs.map(({ figures: { values, invalid, faults, textHash, starved = [], series }, ...about }) => ({
      ...about,
      values: { ...values },
      ...(textHash === undefined ? {} : { textHash }),
      invalid: [...invalid],
      faults: [...faults],
      ...(starved.length === 0 ? {} : { starved: [...starved] }),
      ...(series === undefined ? {} : { series: columnsOf(series) }),
    })),
  };
}

function thisMachine(load: number): Results['machine'] {
  const notPinned = whyNotPinned();
  return {
    processors: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    ...(notPinned === undefined ? {} : { notPinned }),
    load,
  };
}
