/** What a scenario is, and what one run of it gives. */
import type { SystemName } from '../systems/systems.ts';

export type Metric = {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Which way is good; ratios say how many times better. */
  readonly better: 'more' | 'less';
};

/** `null`: could not be measured on this machine. */
export type Values = Readonly<Record<string, number | null>>;

export type Figures = {
  readonly values: Values;
  /** Of the text that was delivered; equal for all systems of one size. */
  readonly textHash?: string;
  /** Texts that were not what the engine emitted, and connections that broke. */
  readonly faults: readonly string[];
  /** Why the figures must not be used: a client that was saturated, a text that did not come. */
  readonly invalid: readonly string[];
};

export type RunContext = {
  readonly seed: number;
  readonly repeat: number;
  readonly databaseUrl: string | undefined;
  /** Where runs of one size leave recordings for each other; thrown away. */
  readonly folder: string;
};

export type Size<Parameters> = {
  readonly name: string;
  /** Part of a run that names no size. Others run when they are named, or with `--size all`. */
  readonly preset: boolean;
  /** The size of `--smoke`. */
  readonly smoke?: true;
  /** Repetitions at most; fewer where one is long and says enough. */
  readonly repeatsMax?: number;
  readonly parameters: Parameters;
};

/** A scenario whose runs need no parameters from outside. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  /** The first is what systems are compared by. */
  readonly metrics: readonly Metric[];
  readonly sizes: readonly ScenarioSize[];
};

/** Who takes part: a system under test, or a variant of Callboard that the scenario names itself. */
export type ScenarioSize = Omit<Size<never>, 'parameters'> & {
  readonly contestants: readonly Contestant[];
};

export type Contestant = {
  /** A system's name, or what sets a variant apart. */
  readonly name: SystemName | (string & {});
  readonly title: string;
  /** Left out, and said so, without `--database-url`. */
  readonly needsDatabase?: boolean;
  readonly run: (context: RunContext) => Promise<Figures>;
};

/** Sizes whose contestants are systems, run by one function. */
export function sizesOf<Parameters>(
  sizes: readonly Size<Parameters>[],
  contestants: (parameters: Parameters) => readonly Contestant[],
): readonly ScenarioSize[] {
  return sizes.map(({ parameters, ...size }) => ({ ...size, contestants: contestants(parameters) }));
}
