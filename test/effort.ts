/**
 * How hard a test run tries. Long tests try `quick` many cases at a desk and `full` many in CI. `TEST_EFFORT=full npm
 * test` does at a desk what CI does; `FC_RUNS=1000` sets the number of cases of the properties that read it. No other
 * file reads these settings.
 */
export const isCi = process.env['CI'] === 'true' || process.env['CI'] === '1';

const given = process.env['TEST_EFFORT'] ?? (isCi ? 'full' : 'quick');
if (given !== 'full' && given !== 'quick') throw new Error(`TEST_EFFORT is quick or full, not ${given}`);
// CI always tries everything.
export const effort: 'quick' | 'full' = isCi ? 'full' : given;

/** How many cases this run tries. */
export function cases(counts: { readonly quick: number; readonly full: number }): number {
  return counts[effort];
}

/**
 * What this run takes of `all`: a full run all of it, a quick run one in `oneIn`. The seed says which, so that all of it
 * gets its turn in runs with different seeds.
 */
export function inTurn<Item>(
  all: readonly Item[],
  { oneIn, seed }: { readonly oneIn: number; readonly seed: number },
): readonly Item[] {
  return effort === 'full' ? all : all.filter((_, index) => (index + seed) % oneIn === 0);
}

/** The number of cases in `FC_RUNS`; without it, that of {@link cases}. */
export function requestedCases(counts: { readonly quick: number; readonly full: number }): number {
  const requested = process.env['FC_RUNS'];
  return requested === undefined ? cases(counts) : Number(requested);
}
