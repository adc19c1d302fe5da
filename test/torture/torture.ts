/**
 * The torture: kills the real server at many points, and prints the faults. All columns but the first must be 0 (SPEC
 * [REC4]).
 */
import type { databases } from '../processes/databases.ts';
import { deathPlans } from './death-plans.ts';
import { scenario } from './scenario.ts';
import { type TorturedRun, torturedRun } from './tortured-run.ts';
import { faultless, type Verdict } from './verdict.ts';

export type TortureResult = {
  readonly database: string;
  readonly killPoints: number;
  /** How often a client went on from its cursor. */
  readonly resumes: number;
  readonly faults: Verdict;
};

/** About as many events as the scenario has; a plan beyond its end never fires, which is counted. */
const scenarioEvents = 700;

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
      runs.push({ ...run, verdict: blamed(run.verdict, JSON.stringify(deaths)) });
      options.progress?.(runs.length, plans.length);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return {
    database: database.name,
    killPoints: runs.reduce((sum, run) => sum + run.deaths, 0),
    resumes: runs.reduce((sum, run) => sum + run.resumes, 0),
    faults: collected(runs.map(({ verdict }) => verdict)),
  };
}

/** The faults of all runs, by kind. */
export function collected(verdicts: readonly Verdict[]): Verdict {
  return ofEachKind((kind) => verdicts.flatMap((verdict) => verdict[kind]));
}

/** Each fault with the plan that repeats it. */
export function blamed(verdict: Verdict, plan: string): Verdict {
  return ofEachKind((kind) => verdict[kind].map((fault) => `${fault} [after ${plan}]`));
}

function ofEachKind(faults: (kind: keyof Verdict) => readonly string[]): Verdict {
  return {
    lost: faults('lost'),
    duplicated: faults('duplicated'),
    rerun: faults('rerun'),
    unterminated: faults('unterminated'),
    disordered: faults('disordered'),
    misplaced: faults('misplaced'),
    misled: faults('misled'),
  };
}

export function tortureTable(results: readonly Omit<TortureResult, 'resumes'>[]): string {
  const kinds = Object.keys(faultless);
  const head = ['database', 'kill points', ...kinds];
  const rows = results.map(({ database, killPoints, faults }) => [
    database,
    String(killPoints),
    ...Object.values(faults).map((list) => String(list.length)),
  ]);
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}
