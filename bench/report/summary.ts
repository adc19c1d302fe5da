/** Medians, spreads and ratios of the runs of each contestant. */
import type { Run } from '../runner.ts';
import type { Scenario } from '../scenarios/scenario.ts';

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export type Row = {
  readonly contestant: string;
  readonly title: string;
  /** By metric; absent where no run had a value. */
  readonly spreads: Readonly<Record<string, Spread>>;
  /** How many times as good as the ceiling and the baseline shape, by the first metric. */
  readonly ofCeiling: number | undefined;
  readonly ofBaseline: number | undefined;
  readonly textHashes: readonly string[];
  /** Marks of its runs, each once. */
  readonly invalid: readonly string[];
  readonly faults: readonly string[];
};

export type Table = {
  readonly scenario: Scenario;
  readonly size: string;
  readonly rows: readonly Row[];
  /** All texts that were delivered were the same; undefined where no text is. */
  readonly sameText: boolean | undefined;
};

export function tablesOf(scenarios: readonly Scenario[], runs: readonly Run[]): readonly Table[] {
  return scenarios.flatMap((scenario) =>
    scenario.sizes.flatMap((size) => {
      const mine = runs.filter((run) => run.scenario === scenario.name && run.size === size.name);
      if (mine.length === 0) return [];
      const plain = size.contestants
        .map(({ name, title }) => rowOf(name, title, scenario, mine))
        .filter((row) => row !== undefined);
      const rows = plain.map((row) => ({
        ...row,
        ofCeiling: ratio(scenario, row, plain, 'ceiling'),
        ofBaseline: ratio(scenario, row, plain, 'baseline-shape'),
      }));
      const hashes = new Set(rows.flatMap(({ textHashes }) => textHashes));
      return [
        { scenario, size: size.name, rows, sameText: hashes.size === 0 ? undefined : hashes.size === 1 },
      ];
    }),
  );
}

function rowOf(name: string, title: string, scenario: Scenario, runs: readonly Run[]): Row | undefined {
  const mine = runs.filter(({ contestant }) => contestant === name).map(({ figures }) => figures);
  if (mine.length === 0) return undefined;
  const spreads: Record<string, Spread> = {};
  for (const { key } of scenario.metrics) {
    const spread = spreadOf(
      mine.map(({ values }) => values[key]).filter((value) => typeof value === 'number'),
    );
    if (spread !== undefined) spreads[key] = spread;
  }
  return {
    contestant: name,
    title,
    spreads,
    ofCeiling: undefined,
    ofBaseline: undefined,
    textHashes: [...new Set(mine.map(({ textHash }) => textHash).filter((hash) => hash !== undefined))],
    invalid: [...new Set(mine.flatMap(({ invalid }) => invalid))],
    faults: [...new Set(mine.flatMap(({ faults }) => faults))],
  };
}

/** Undefined of nothing; what is not a number does not count. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.filter(Number.isFinite).toSorted((one, other) => one - other);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? min;
  const lower = sorted[Math.ceil(middle) - 1] ?? min;
  return { median: (lower + upper) / 2, min, max };
}

function ratio(scenario: Scenario, row: Row, rows: readonly Row[], reference: string): number | undefined {
  const [metric] = scenario.metrics;
  if (metric === undefined) return undefined;
  const mine = row.spreads[metric.key]?.median;
  const other = rows.find(({ contestant }) => contestant === reference)?.spreads[metric.key]?.median;
  if (mine === undefined || other === undefined || mine === 0 || other === 0) return undefined;
  return metric.better === 'more' ? mine / other : other / mine;
}
