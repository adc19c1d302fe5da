/**
 * Runs scenarios: all sizes one after the other, and then all of them again; in each size all systems in turn. So A B C
 * A B C …, and other load on the machine affects all of them; and the repetitions of a figure are spread over the whole
 * run, so that they differ by as much as the machine's mood makes them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, Scenario, ScenarioSize } from './scenarios/scenario.ts';

export type Selection = {
  readonly scenarios: readonly Scenario[];
  /** Empty: all systems of a size. */
  readonly contestants: readonly string[];
  readonly sizesOf: (scenario: Scenario) => readonly ScenarioSize[];
  readonly repeat: number;
  /** What is not the first repetition of a size is left out if it would probably end later than this, ms after the start. */
  readonly msMax?: number;
  readonly seed: number;
  readonly databaseUrl: string | undefined;
  readonly onProgress: (line: string) => void;
};

export type Run = {
  readonly scenario: string;
  readonly size: string;
  readonly contestant: string;
  readonly repeat: number;
  readonly figures: Figures;
};

/** A system whose run another one needs: the ceiling replays what Callboard v1 sent. */
const needs: Readonly<Record<string, string>> = { ceiling: 'callboard-v1' };

/** Never rejects because of a system: a run that fails is in the results with its reason. */
export async function runSelection(selection: Selection): Promise<readonly Run[]> {
  const chosen = selection.scenarios.flatMap((scenario) =>
    selection.sizesOf(scenario).map((size) => {
      return { scenario, size, repeats: Math.min(selection.repeat, size.repeatsMax ?? selection.repeat) };
    }),
  );
  const runs: Run[] = [];
  const beganMs = performance.now();
  const tookMs = new Map<ScenarioSize, number>();
  for (let repeat = 0; repeat < selection.repeat; repeat++) {
    for (const { scenario, size, repeats } of chosen) {
      const fromMs = performance.now() - beganMs;
      const isLate = fromMs + (tookMs.get(size) ?? 0) > (selection.msMax ?? Number.POSITIVE_INFINITY);
      if (repeat >= repeats || (repeat > 0 && isLate)) continue;
      runs.push(...(await runSize(selection, scenario, size, { repeat, repeats })));
      tookMs.set(size, performance.now() - beganMs - fromMs);
    }
  }
  return runs;
}

async function runSize(
  selection: Selection,
  scenario: Scenario,
  size: ScenarioSize,
  { repeat, repeats }: { readonly repeat: number; readonly repeats: number },
): Promise<readonly Run[]> {
  const { contestants: wanted, seed, databaseUrl, onProgress } = selection;
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  const chosen = size.contestants.filter(({ name }) => isWanted(name));
  const needed = new Set(chosen.map(({ name }) => needs[name]));
  const contestants = size.contestants.filter(
    ({ name, needsDatabase }) =>
      (isWanted(name) || needed.has(name)) && (databaseUrl !== undefined || needsDatabase !== true),
  );
  const folder = mkdtempSync(join(tmpdir(), 'callboard-bench-'));
  const runs: Run[] = [];
  try {
    for (const { name, title, run } of contestants) {
      onProgress(`${scenario.name} ${size.name}: ${title}, ${repeat + 1} of ${repeats}`);
      const figures = await run({ seed, repeat, databaseUrl, folder }).catch(failed);
      if (isWanted(name)) {
        runs.push({ scenario: scenario.name, size: size.name, contestant: name, repeat, figures });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return runs;
}

function failed(cause: unknown): Figures {
  const message = cause instanceof Error ? cause.message : String(cause);
  return { values: {}, faults: [], invalid: [`it failed: ${message.split('\n')[0]}`] };
}
