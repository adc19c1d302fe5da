/**
 * A run beside an earlier one: what has changed by more than chance. Other work on a machine makes all its times longer, so
 * times of different moments do not compare. What compares is how a time stands beside that of a peer that did the same work
 * in the same minute, and what is no time. Other times are shown, and never decide anything.
 */
import { type SystemName, systems } from '../systems/systems.ts';
import type { Results, ResultsTable } from './results-schema.ts';
import { spreadOf } from './summary.ts';

/** By how much a figure may be worse, beside the noise, before it is named. */
export const marginOfChange = 0.1;
/** With fewer valid repetitions nothing says how much of a difference is chance. */
const repeatsMin = 2;

/**
 * Peers by which times are judged, the first that took part. The ceiling comes last: it replays what Callboard sent, and
 * would become slower with it.
 */
const peers: readonly SystemName[] = ['ws-loop', 'bare-loop', 'ceiling'];

type Metric = ResultsTable['metrics'][number];
/** `beside`: as a multiple of a peer's figure of the same repetition. `counted`: no time. `alone`: a time by itself. */
export type ComparedAs =
  | { readonly kind: 'beside'; readonly peer: string }
  | { readonly kind: 'counted' | 'alone' };

export type Change = {
  readonly scenario: string;
  readonly size: string;
  readonly system: string;
  readonly metric: Metric;
  readonly as: ComparedAs;
  readonly present: number;
  readonly past: number;
  /** How many times as bad as then: above 1 is worse, whether more or less of it is better. */
  readonly factor: number;
  /** How much the repetitions of each run differ, as a share of their median; of both runs together. */
  readonly noise: number;
  /** `unjudged`: too few valid repetitions. */
  readonly verdict: 'worse' | 'same' | 'better' | 'unjudged';
};

/** Every figure of Callboard that both runs have. */
export function changesSince(then: Results, now: Results): readonly Change[] {
  return now.tables.flatMap((table) => {
    const past = then.tables.find(({ scenario, size }) => scenario === table.scenario && size === table.size);
    if (past === undefined) return [];
    return table.rows
      .filter(({ contestant }) => !isPeer(contestant))
      .flatMap(({ contestant, title }) =>
        table.metrics
          .filter(({ ofBench }) => ofBench !== true)
          .map((metric) => changeOf({ table, contestant, title, metric, then, now }))
          .filter((change) => change !== undefined),
      );
  });
}

/** What is worse, and comparable although the runs are of different moments. */
export function regressions(changes: readonly Change[]): readonly Change[] {
  return changes.filter(({ verdict, as }) => verdict === 'worse' && as.kind !== 'alone');
}

function changeOf(question: {
  readonly table: ResultsTable;
  readonly contestant: string;
  readonly title: string;
  readonly metric: Metric;
  readonly then: Results;
  readonly now: Results;
}): Change | undefined {
  const { table, contestant, title, metric, then, now } = question;
  const figure = { table, contestant, metric };
  const peer = metric.counted
    ? undefined
    : peers.find((name) =>
        [then, now].every((run) => valuesOf(run, { ...figure, contestant: name }).values.length > 0),
      );
  const [present, past] = [now, then].map((run) => valuesOf(run, { ...figure, peer }));
  const [presentSpread, pastSpread] = [spreadOf(present?.values ?? []), spreadOf(past?.values ?? [])];
  if (presentSpread === undefined || pastSpread === undefined) return undefined;
  // What may be below zero, as a slope, has no ratio.
  if (presentSpread.median < 0 || pastSpread.median < 0) return undefined;
  const factor =
    metric.better === 'less'
      ? ratioOf(presentSpread.median, pastSpread.median)
      : ratioOf(pastSpread.median, presentSpread.median);
  const noise = [presentSpread, pastSpread].reduce(
    (sum, { median, min, max }) => sum + ratioOf(max - min, median, 0),
    0,
  );
  const valid = Math.min(present?.valid ?? 0, past?.valid ?? 0);
  const bound = 1 + noise + marginOfChange;
  return {
    scenario: table.scenario,
    size: table.size,
    system: title,
    metric,
    as: peer === undefined ? { kind: metric.counted ? 'counted' : 'alone' } : { kind: 'beside', peer },
    present: presentSpread.median,
    past: pastSpread.median,
    factor,
    noise,
    verdict:
      valid < repeatsMin ? 'unjudged' : factor > bound ? 'worse' : factor < 1 / bound ? 'better' : 'same',
  };
}

/** Zero beside zero has not changed. */
function ratioOf(one: number, other: number, ofZeros = 1): number {
  return one === 0 && other === 0 ? ofZeros : one / other;
}

/**
 * The figure of each valid repetition; of each one if none is valid. With a peer, as a multiple of the peer's in the same
 * repetition.
 */
function valuesOf(
  { runs }: Results,
  figure: {
    readonly table: ResultsTable;
    readonly contestant: string;
    readonly metric: Metric;
    readonly peer?: string | undefined;
  },
): { readonly values: readonly number[]; readonly valid: number } {
  const { table, contestant, metric, peer } = figure;
  const isTime = metric.counted !== true && metric.ofProcessor !== true;
  const mine = runs.filter(({ scenario, size }) => scenario === table.scenario && size === table.size);
  const found = mine
    .filter((run) => run.contestant === contestant)
    .map((run) => {
      const beside = mine.find((other) => other.contestant === peer && other.repeat === run.repeat);
      const used = peer === undefined ? [run] : [run, beside];
      const [value, of = 1] = used.map((each) => each?.values[metric.key] ?? Number.NaN);
      const isValid = used.every(
        (each) =>
          each?.invalid.length === 0 &&
          each.faults.length === 0 &&
          (!isTime || each.starved === undefined || each.starved.length === 0),
      );
      return { value: (value ?? Number.NaN) / of, isValid };
    })
    .filter(({ value }) => Number.isFinite(value));
  const valid = found.filter(({ isValid }) => isValid);
  return { values: (valid.length > 0 ? valid : found).map(({ value }) => value), valid: valid.length };
}

/** Whether it is a program without Callboard. */
function isPeer(contestant: string): boolean {
  const system = Object.values(systems).find(({ name }) => name === contestant);
  return system !== undefined && system.program.href !== systems['callboard-v1'].program.href;
}
