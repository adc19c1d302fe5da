/**
 * A property that can be run by its name: by `npm run properties`, for as long as anybody likes, and by a test with
 * as many cases as the run tries (`test/effort.ts`).
 */
import fc from 'fast-check';
import { cases } from './effort.ts';

/** How often each named thing happened, to show that a run was not vacuous. `steps` is what `--steps` counts. */
export type Counts = Readonly<Record<string, number>>;

export type Budget = {
  readonly runs: number;
  readonly seed: number;
  /** The path of a counterexample: only that case is run. */
  readonly path?: string;
  /** No run begins after so many steps; where no steps are counted, each run is one. */
  readonly stepsMax?: number;
  /** No run begins, and shrinking stops, after so many ms. */
  readonly msMax?: number;
  /** How long a counterexample is shrunk, ms; default {@link shrinkMsDefault}. */
  readonly shrinkMsMax?: number;
  /** Called after each run. */
  readonly onRun?: (runs: number, counts: Counts) => void;
};

/** Shorter than a test's time limit, so that a failure in CI is printed and not cut off. */
const shrinkMsDefault = 30_000;

export type Failure = {
  /** Repeats the counterexample, together with the seed. */
  readonly path: string;
  readonly shrinks: number;
  readonly message: string;
  /** The shrunk counterexample, one step a line. */
  readonly script: readonly string[];
};

export type Verdict = {
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
  readonly ms: number;
  readonly counts: Counts;
  /** `null`: the property held. */
  readonly failure: Failure | null;
};

export type NamedProperty = {
  /** In kebab-case. */
  readonly name: string;
  /** One sentence: what always, or never, happens. */
  readonly promises: string;
  /** The invariants (`I3`) and rules (`V1B1`) that it checks. */
  readonly rules: readonly string[];
  /** How many runs it gets in CI, and by default. */
  readonly runs: number;
  /** How many runs a test gives it at a desk; default `runs`. */
  readonly quickRuns?: number;
  readonly run: (budget: Budget) => Promise<Verdict>;
};

/** What a property needs while it runs, a server for example. */
export type Stage<Value> = {
  /** Throws when the promise is broken. Called once per run; awaited. */
  readonly check: (value: Value) => Promise<void> | void;
  /** Default: as fast-check prints the value. */
  readonly script?: (value: Value) => Promise<readonly string[]> | readonly string[];
  /** Totals over all runs so far. */
  readonly counts?: () => Counts;
  readonly close?: () => Promise<void>;
};

/**
 * @example
 * const property = namedProperty({
 *   name: 'preview-bounds',
 *   promises: 'A preview of any value is at most 2,000 units and an ellipsis.',
 *   rules: ['I9', 'TXT4'],
 *   runs: 1000,
 *   values: oddValue,
 *   open: () => ({ check: ({ value }) => assert((preview(value)?.length ?? 0) <= 2001) }),
 * });
 */
export function namedProperty<Value>(
  definition: Omit<NamedProperty, 'run'> & {
    readonly values: fc.Arbitrary<Value>;
    readonly open: () => Promise<Stage<Value>> | Stage<Value>;
  },
): NamedProperty {
  const { values, open, ...about } = definition;
  return {
    ...about,
    run: async (budget) => {
      const stage = await open();
      try {
        return await runOn(stage, values, budget, about.name);
      } finally {
        await stage.close?.();
      }
    },
  };
}

async function runOn<Value>(
  stage: Stage<Value>,
  values: fc.Arbitrary<Value>,
  budget: Budget,
  name: string,
): Promise<Verdict> {
  const { runs, seed, path, stepsMax = Number.POSITIVE_INFINITY, msMax, onRun } = budget;
  const { shrinkMsMax = shrinkMsDefault } = budget;
  const counts = () => stage.counts?.() ?? {};
  const began = performance.now();
  let done = 0;
  let failedAt: number | undefined;
  const property = fc.asyncProperty(values, async (value) => {
    // Shrinking is not bounded by steps.
    if (failedAt === undefined && done > 0 && (counts()['steps'] ?? done) >= stepsMax)
      throw new fc.PreconditionFailure(true);
    // A smaller case that was not tried in time counts as holding, which ends the search.
    if (failedAt !== undefined && performance.now() - failedAt > shrinkMsMax) return;
    try {
      await stage.check(value);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
    if (failedAt !== undefined) return;
    done++;
    onRun?.(done, counts());
  });
  const details = await fc.check(property, {
    seed,
    ...(path === undefined ? { numRuns: runs } : { numRuns: 1, path }),
    ...(msMax === undefined ? {} : { interruptAfterTimeLimit: msMax }),
  });
  const seen = counts();
  const ms = performance.now() - began;
  return { name, runs: done, seed, ms, counts: seen, failure: await failureOf(details, stage) };
}

async function failureOf<Value>(
  details: fc.RunDetails<[Value]>,
  stage: Stage<Value>,
): Promise<Failure | null> {
  if (!details.failed) return null;
  const { counterexample, counterexamplePath, numShrinks, errorInstance } = details;
  if (counterexample === null) {
    return { path: '', shrinks: 0, message: 'Nothing was run within the budget', script: [] };
  }
  return {
    path: counterexamplePath ?? '',
    shrinks: numShrinks,
    message: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    script: (await stage.script?.(counterexample[0])) ?? [fc.stringify(counterexample[0])],
  };
}

/** The command that repeats a failure, to be pasted into a shell. */
export function replayCommand({ name, seed }: Pick<Verdict, 'name' | 'seed'>, failure: Failure): string {
  return `npm run properties -- ${name} --seed ${seed} --path "${failure.path}"`;
}

/** A failure as people read it. */
export function failureText(verdict: Verdict, failure: Failure): string {
  const steps = failure.script.map((line, index) => `${String(index + 1).padStart(4)}  ${line}`);
  return [
    `${verdict.name} does not hold: ${failure.message}`,
    `The smallest counterexample that was found, after ${failure.shrinks} shrinks:`,
    ...steps,
    `Run it again with: ${replayCommand(verdict, failure)}`,
  ].join('\n');
}

/** The seed of this run's cases: that of `FC_SEED` or CI, otherwise a random one. */
export function seedOfRun(): number {
  return fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31);
}

/** For tests: runs the property as often as this run tries, and throws its failure as people read it. */
export async function passes(property: NamedProperty, budget: Partial<Budget> = {}): Promise<Verdict> {
  const seed = seedOfRun();
  const runs = cases({ quick: property.quickRuns ?? property.runs, full: property.runs });
  const verdict = await property.run({ runs, seed, ...budget });
  process.stdout.write(`${verdict.name}, seed ${seed}: ${JSON.stringify(verdict.counts)}\n`);
  if (verdict.failure !== null) throw new Error(failureText(verdict, verdict.failure));
  return verdict;
}
