/** The torture of the store instead of the server: the same table, the same verdict (SPEC [JRN16]). */
import fc from 'fast-check';
import { type Outage, type OutageRun, outageRun } from './outage-run.ts';
import type { Sabotage } from './sabotage.ts';
import { scenario } from './scenario.ts';
import { blamed, collected, type TortureResult } from './torture.ts';

export type OutageTortureResult = Omit<TortureResult, 'resumes'> & {
  /** In how many outages a command was refused as retryable. */
  readonly refused: number;
  readonly misbehaviour: readonly string[];
};

const outagesPerRun = 5;

export async function outageTorture(options: {
  readonly sabotage: Sabotage;
  /** At least this many outages, in as many runs as needed. */
  readonly points: number;
  readonly seed: number;
  readonly progress?: (done: number, of: number) => void;
}): Promise<OutageTortureResult> {
  const { sabotage, points, seed, progress } = options;
  const runs: OutageRun[] = [];
  const sum = (count: (run: OutageRun) => number) => runs.reduce((total, run) => total + count(run), 0);
  for (const outages of outagePlans(points, seed)) {
    const victim = await sabotage.prepare();
    try {
      const run = await outageRun({ victim, outages, scenario });
      runs.push({ ...run, verdict: blamed(run.verdict, JSON.stringify(outages)) });
    } finally {
      await victim.remove();
    }
    const done = sum((run) => run.outages);
    progress?.(Math.min(done, points), points);
    if (done >= points) break;
  }
  return {
    database: sabotage.name,
    killPoints: sum((run) => run.outages),
    faults: collected(runs.map(({ verdict }) => verdict)),
    refused: sum((run) => run.refused),
    misbehaviour: runs.flatMap(({ misbehaviour }) => misbehaviour),
  };
}

/**
 * The first outage comes early, while everything is under way; later ones also hit the recovery from the previous
 * one.
 */
function outagePlans(runs: number, seed: number): readonly (readonly Outage[])[] {
  const outage = (afterMsMax: number) =>
    fc.record({
      afterMs: fc.integer({ min: 0, max: afterMsMax }),
      forMs: fc.integer({ min: 0, max: 500 }),
    });
  const later = fc.array(outage(600), { minLength: outagesPerRun - 1, maxLength: outagesPerRun - 1 });
  const plan = fc.tuple(outage(200), later).map(([first, others]) => [first, ...others]);
  return fc.sample(plan, { numRuns: runs, seed });
}
