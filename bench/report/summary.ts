/** Medians, spreads and ratios of each system's runs. */
import type { Run } from '../runner.ts';
import type { Scenario, Series } from '../scenarios/scenario.ts';
import type { ResultsRow, ResultsTable, Spread } from './results-schema.ts';

export function tablesOf(scenarios: readonly Scenario[], runs: readonly Run[]): readonly ResultsTable[] {
  return scenarios.flatMap((scenario) =>
    scenario.sizes.flatMap((size) => {
      const mine = runs.filter((run) => run.scenario === scenario.name && run.size === size.name);
      if (mine.length === 0) return [];
      const plain = size.contestants
        .map(({ name, title }) => rowOf(name, title, scenario, mine))
        .filter((row) => row !== undefined);
      const rows = plain.map((row) => ({
        ...row,
        ...ratio('ofCeiling', scenario, row, plain, 'ceiling'),
        ...ratio('ofBaseline', scenario, row, plain, 'baseline-shape'),
      }));
      const hashes = new Set(rows.flatMap(({ textHashes }) => textHashes));
      const { name, title, metrics } = scenario;
      const about = { scenario: name, title, size: size.name, metrics: [...metrics], rows };
      return [hashes.size === 0 ? about : { ...about, sameText: hashes.size === 1 }];
    }),
  );
}

function rowOf(
  name: string,
  title: string,
  scenario: Scenario,
  runs: readonly Run[],
): ResultsRow | undefined {
  const mine = runs.filter(({ contestant }) => contestant === name).map(({ figures }) => figures);
  if (mine.length === 0) return undefined;
  const spreads: Record<string, Spread> = {};
  for (const { key } of scenario.metrics) {
    const spread = spreadOf(
      mine.map(({ values }) => values[key]).filter((value) => typeof value === 'number'),
    );
    if (spread !== undefined) spreads[key] = spread;
  }
  const series = mine.at(-1)?.series;
  const starved = new Set(mine.flatMap((figures) => figures.starved ?? []));
  return {
    contestant: name,
    title,
    spreads,
    textHashes: [...new Set(mine.map(({ textHash }) => textHash).filter((hash) => hash !== undefined))],
    invalid: [...new Set(mine.flatMap(({ invalid }) => invalid))],
    faults: [...new Set(mine.flatMap(({ faults }) => faults))],
    ...(starved.size === 0 ? {} : { starved: [...starved] }),
    ...(series === undefined ? {} : { series: columnsOf(series) }),
  };
}

export function columnsOf(series: readonly Series[]): { title: string; values: (number | null)[] }[] {
  return series.map(({ title, values }) => ({ title, values: [...values] }));
}

/** Undefined when there are no values; values that are not numbers are ignored. */
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

/** How many times better than the reference, by the first metric; undefined without a reference. */
function ratio(
  name: 'ofCeiling' | 'ofBaseline',
  { metrics: [metric] }: Scenario,
  row: ResultsRow,
  rows: readonly ResultsRow[],
  reference: string,
): Partial<Record<typeof name, number>> {
  if (metric === undefined) return {};
  const mine = row.spreads[metric.key]?.median;
  const other = rows.find(({ contestant }) => contestant === reference)?.spreads[metric.key]?.median;
  if (mine === undefined || other === undefined || mine === 0 || other === 0) return {};
  return { [name]: metric.better === 'more' ? mine / other : other / mine };
}
