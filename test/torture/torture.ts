/**
 * The torture: kills the real server at many points, and prints what that broke. All columns but the first must
 * be 0 (SPEC [REC4]).
 */
import type { databases } from '../e2e/databases.ts';
import { deathPlans } from './death-plans.ts';
import { scenario } from './scenario.ts';
import { type TorturedRun, torturedRun } from './tortured-run.ts';
import { isClean, type Verdict } from './verdict.ts';

export type TortureResult = {
  readonly database: string;
  readonly killPoints: number;
  readonly faults: Readonly<Record<keyof Verdict, readonly string[]>>;
};

/** About as many events as the scenario has; a plan beyond its end does not fire, which is counted. */
const scenarioEvents = 150;

export async function torture(options: {
  readonly database: (typeof databases)[number];
  readonly points: number;
  readonly seed: number;
  /** Runs at the same time. */
  readonly parallel: number;
  readonly progress?: (done: number, of: number) => void;
}): Promise<TortureResult> {
  const { database, points, seed, parallel } = options;
  const plans = deathPlans({ points, seed, events: scenarioEvents });
  const runs: TorturedRun[] = [];
  const queue = [...plans];
  const worker = async (): Promise<void> => {
    for (let deaths = queue.shift(); deaths !== undefined; deaths = queue.shift()) {
      const prepared = await database.prepare();
      const run = await torturedRun({ deaths, scenario, databaseUrl: prepared.env['DATABASE_URL'] ?? '' });
      await prepared.remove();
      runs.push(isClean(run.verdict) ? run : blamed(run, JSON.stringify(deaths)));
      options.progress?.(runs.length, plans.length);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const all = (kind: keyof Verdict) => runs.flatMap((run) => run.verdict[kind]);
  return {
    database: database.name,
    killPoints: runs.reduce((sum, run) => sum + run.deaths, 0),
    faults: {
      lost: all('lost'),
      duplicated: all('duplicated'),
      rerun: all('rerun'),
      unterminated: all('unterminated'),
      disordered: all('disordered'),
    },
  };
}

/** Each fault with the deaths that it takes to see it again. */
function blamed(run: TorturedRun, deaths: string): TorturedRun {
  const blame = (faults: readonly string[]) => faults.map((fault) => `${fault} [after ${deaths}]`);
  const { lost, duplicated, rerun, unterminated, disordered } = run.verdict;
  return {
    ...run,
    verdict: {
      lost: blame(lost),
      duplicated: blame(duplicated),
      rerun: blame(rerun),
      unterminated: blame(unterminated),
      disordered: blame(disordered),
    },
  };
}

export function tortureTable(results: readonly TortureResult[]): string {
  const head = ['database', 'kill points', 'lost', 'duplicated', 're-run', 'unterminated', 'disordered'];
  const rows = results.map(({ database, killPoints, faults }) => [
    database,
    String(killPoints),
    ...[faults.lost, faults.duplicated, faults.rerun, faults.unterminated, faults.disordered].map((list) =>
      String(list.length),
    ),
  ]);
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}
