/** Which sizes run, who takes part, and in which order. */
import { expect, it } from 'vitest';
import { runSelection } from '../../bench/runner.ts';
import { quickSizes, type Scenario } from '../../bench/scenarios/scenario.ts';
import { scenarios } from '../../bench/scenarios/scenarios.ts';

/** Two sizes; each run says its name. */
function twoSizes(said: string[], runMs = 0): Scenario {
  const contestants = (size: string) =>
    ['mine', 'peer'].map((name) => ({
      name,
      title: name,
      run: async () => {
        said.push(`${size} ${name}`);
        await new Promise((resolve) => setTimeout(resolve, runMs));
        return { values: {}, faults: [], invalid: [] };
      },
    }));
  return {
    name: 'fake',
    title: 'Fake',
    metrics: [],
    sizes: [
      { name: 'small', preset: true, repeatsMax: 1, quick: ['mine'], contestants: contestants('small') },
      { name: 'large', preset: true, contestants: contestants('large') },
    ],
  };
}

const selection = {
  contestants: [],
  sizesOf: ({ sizes }: Scenario) => sizes,
  seed: 1,
  databaseUrl: undefined,
  onProgress: () => {},
};

it('runs everything once before anything twice, systems in turn, no size more often than it says', async () => {
  const said: string[] = [];
  const runs = await runSelection({ ...selection, scenarios: [twoSizes(said)], repeat: 2 });
  const large = ['large mine', 'large peer'];
  expect(said).toEqual(['small mine', 'small peer', ...large, ...large]);
  expect(runs.map(({ repeat }) => repeat)).toEqual([0, 0, 0, 0, 1, 1]);
});

it('leaves out repetitions for which there is no time, but not the first', async () => {
  const said: string[] = [];
  await runSelection({ ...selection, scenarios: [twoSizes(said, 5)], repeat: 9, msMax: 1 });
  expect(said.filter((each) => each === 'large mine')).toHaveLength(1);
});

it('takes from --quick what is marked, as often as the rest', () => {
  const sizes = quickSizes(twoSizes([]).sizes);
  expect(sizes.map(({ name, contestants }) => [name, contestants.map((each) => each.name)])).toEqual([
    ['small', ['mine']],
  ]);
  expect(sizes[0]?.repeatsMax).toBeUndefined();
});

it('names only contestants that exist as those of --quick, and measures something of Callboard in each', () => {
  const marked = scenarios.flatMap(({ name, sizes }) => sizes.map((size) => ({ scenario: name, ...size })));
  const quick = marked.filter((size) => size.quick !== undefined);
  expect(quick.length).toBeGreaterThan(0);
  for (const { scenario, name, quick: names = [], contestants, smoke } of quick) {
    const known = contestants.map((each) => each.name);
    expect({ scenario, name, unknown: names.filter((each) => !known.includes(each)) }).toEqual({
      scenario,
      name,
      unknown: [],
    });
    expect(smoke).toBeUndefined();
  }
});

it('gives every size of a scenario a name of its own', () => {
  for (const { sizes } of scenarios) {
    const names = sizes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});
