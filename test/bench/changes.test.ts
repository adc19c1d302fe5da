/** A run beside an earlier one: what counts as a change, and what as the machine's mood. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesSince, marginOfChange, regressions } from '../../bench/report/changes.ts';
import { changesText } from '../../bench/report/changes-text.ts';
import { resultsOf } from '../../bench/report/results.ts';
import type { Results } from '../../bench/report/results-schema.ts';
import type { Figures, Metric, Scenario } from '../../bench/scenarios/scenario.ts';

const metrics: readonly Metric[] = [
  { key: 'ms', title: 'latency', unit: 'ms', better: 'less' },
  { key: 'perCpuSecond', title: 'tokens per CPU s', unit: '', better: 'more', ofProcessor: true },
  { key: 'bytes', title: 'bytes', unit: 'B', better: 'less', counted: true },
  { key: 'strain', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
];
const contestants = ['callboard-v1', 'ws-loop'].map((name) => ({
  name,
  title: name,
  run: () => Promise.reject(new Error('nothing runs here')),
}));
const scenario: Scenario = {
  name: 'fake',
  title: 'Fake',
  metrics,
  sizes: [{ name: '1', preset: true, contestants }],
};

type Repetition = { readonly ms: number; readonly perCpuSecond: number; readonly bytes: number };

const repetition = fc.record({
  ms: fc.double({ min: 1, max: 100, noNaN: true }),
  perCpuSecond: fc.double({ min: 1000, max: 100_000, noNaN: true }),
  bytes: fc.integer({ min: 1, max: 1_000_000 }),
});
const repetitions = fc.array(fc.tuple(repetition, repetition), { minLength: 2, maxLength: 4 });
const factors = fc.double({ min: 1.5, max: 10, noNaN: true });

/** What Callboard and the peer measured in each repetition; `more` says more of Callboard's. */
function runOf(
  measured: readonly (readonly [mine: Repetition, peers: Repetition | undefined])[],
  more: Partial<Figures> = {},
): Results {
  const figures = (values: Repetition, also: Partial<Figures> = {}): Figures => ({
    values: { ...values, strain: 50 },
    faults: [],
    invalid: [],
    ...also,
  });
  const runs = measured.flatMap(([mine, peers], repeat) => [
    { scenario: 'fake', size: '1', contestant: 'callboard-v1', repeat, figures: figures(mine, more) },
    ...(peers === undefined
      ? []
      : [{ scenario: 'fake', size: '1', contestant: 'ws-loop', repeat, figures: figures(peers) }]),
  ]);
  return resultsOf({ scenarios: [scenario], runs, seed: 1, load: 0 });
}

/** A machine on which everything takes so many times as long. */
function slower({ ms, perCpuSecond, bytes }: Repetition, times: number): Repetition {
  return { ms: ms * times, perCpuSecond: perCpuSecond / times, bytes };
}

const calm: Repetition = { ms: 10, perCpuSecond: 5000, bytes: 100 };
const steadily = (mine: Repetition, peers: Repetition | undefined = calm, count = 3) =>
  Array.from({ length: count }, () => [mine, peers] as const);

describe('a run beside an earlier one', () => {
  it('has not changed if it is the same, and says nothing of the bench itself', () => {
    fc.assert(
      fc.property(repetitions, (measured) => {
        const changes = changesSince(runOf(measured), runOf(measured));
        expect(changes.map(({ metric, factor, verdict }) => [metric.key, factor, verdict])).toEqual(
          ['ms', 'perCpuSecond', 'bytes'].map((key) => [key, 1, 'same']),
        );
      }),
    );
  });

  it('is no regression on a slower machine: a peer of the same repetition is as slow', () => {
    fc.assert(
      fc.property(repetitions, fc.array(factors, { minLength: 4, maxLength: 4 }), (measured, times) => {
        const busier = measured.map(([mine, peers], index) => {
          const by = times[index] ?? 1;
          return [slower(mine, by), slower(peers, by)] as const;
        });
        const changes = changesSince(runOf(measured), runOf(busier));
        for (const { factor, verdict } of changes) {
          expect(factor).toBeCloseTo(1, 6);
          expect(verdict).toBe('same');
        }
      }),
    );
  });

  it('is worse by what Callboard alone lost, however the better of a figure is read', () => {
    fc.assert(
      fc.property(factors, (times) => {
        const changes = changesSince(runOf(steadily(calm)), runOf(steadily(slower(calm, times))));
        const [ms, perCpuSecond, bytes] = changes;
        expect([ms?.verdict, perCpuSecond?.verdict, bytes?.verdict]).toEqual(['worse', 'worse', 'same']);
        for (const change of [ms, perCpuSecond]) expect(change?.factor).toBeCloseTo(times, 6);
        expect(regressions(changes)).toHaveLength(2);
        const back = changesSince(runOf(steadily(slower(calm, times))), runOf(steadily(calm)));
        expect(back.map(({ verdict }) => verdict)).toEqual(['better', 'better', 'same']);
      }),
    );
  });

  it('names what has grown by more than the noise and the margin, and nothing below', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        (noise, growth) => {
          const bytes = [1 - noise / 2, 1, 1 + noise / 2].map((share) => share * 1000);
          const of = (times: number) => runOf(bytes.map((each) => [{ ...calm, bytes: each * times }, calm]));
          const [, , change] = changesSince(of(1), of(growth));
          const bound = 1 + 2 * noise + marginOfChange;
          // What is as near as this is a matter of rounding.
          fc.pre(Math.abs(growth - bound) > 1e-6 && Math.abs(growth * bound - 1) > 1e-6);
          expect(change?.verdict).toBe(growth > bound ? 'worse' : growth < 1 / bound ? 'better' : 'same');
        },
      ),
    );
  });

  it('never fails for a time without a peer, and names it apart', () => {
    const then = runOf(steadily(calm).map(([mine]) => [mine, undefined]));
    const now = runOf(steadily(slower(calm, 3)).map(([mine]) => [mine, undefined]));
    const changes = changesSince(then, now);
    expect(changes.map(({ as, verdict }) => [as.kind, verdict])).toEqual([
      ['alone', 'worse'],
      ['alone', 'worse'],
      ['counted', 'same'],
    ]);
    expect(regressions(changes)).toEqual([]);
    const text = changesText(changes, then, now);
    expect(text).toContain('Worse by more than the noise and 10 %: nothing');
    expect(text).toContain('- fake 1: callboard-v1: latency, ms (alone): 3 times as bad');
  });

  it('judges no time of a starved server, nothing of an invalid run, and nothing that was measured once', () => {
    const then = runOf(steadily(calm));
    const bad = steadily(slower({ ...calm, bytes: 1000 }, 3));
    const verdictsOf = (now: Results) => changesSince(then, now).map(({ verdict }) => verdict);
    expect(verdictsOf(runOf(bad, { starved: ['the server was starved'] }))).toEqual([
      'unjudged',
      'worse',
      'worse',
    ]);
    expect(verdictsOf(runOf(bad, { invalid: ['the client was late'] }))).toEqual(
      Array.from({ length: 3 }, () => 'unjudged'),
    );
    expect(verdictsOf(runOf(bad.slice(0, 1)))).toEqual(Array.from({ length: 3 }, () => 'unjudged'));
  });

  it('leaves out an invalid repetition if others are valid', () => {
    const both = runOf(steadily(calm));
    const disturbed: Results = {
      ...both,
      runs: both.runs.map((run) =>
        run.repeat === 1 && run.contestant === 'ws-loop'
          ? { ...run, values: { ...run.values, ms: 1000 }, invalid: ['the client was late'] }
          : run,
      ),
    };
    expect(changesSince(both, disturbed).map(({ factor, verdict }) => [factor, verdict])).toEqual([
      [1, 'same'],
      [1, 'same'],
      [1, 'same'],
    ]);
  });

  it('warns of another machine, and compares nothing of sizes that only one of them has', () => {
    const one = runOf(steadily(calm));
    const other: Results = { ...one, machine: { ...one.machine, model: 'another processor' }, seed: 2 };
    const text = changesText(changesSince(other, one), other, one);
    expect(text).toContain('WARNING: model was another processor');
    expect(text).toContain('WARNING: seed was 2, is 1');
    expect(changesSince({ ...one, tables: [] }, one)).toEqual([]);
  });
});
