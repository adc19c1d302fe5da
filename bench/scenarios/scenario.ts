/** What a scenario is, and the result of one run. */
import type { SystemName } from '../systems/systems.ts';

export type Metric = {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Whether more or less is better; ratios say how many times better. */
  readonly better: 'more' | 'less';
};

/** `null`: could not be measured on this machine. */
export type Values = Readonly<Record<string, number | null>>;

export type Figures = {
  readonly values: Values;
  /** Hash of the delivered text; equal for all systems of one size. */
  readonly textHash?: string;
  /** Texts that differ from the engine's, and connections that broke. */
  readonly faults: readonly string[];
  /** Why the figures must not be used: a saturated client, or a text that did not arrive. */
  readonly invalid: readonly string[];
};

export type RunContext = {
  readonly seed: number;
  readonly repeat: number;
  readonly databaseUrl: string | undefined;
  /** Temporary folder in which runs of one size leave recordings for each other. */
  readonly folder: string;
};

export type Size<Parameters> = {
  readonly name: string;
  /** True when the size is part of a run that names no size. Others run when they are named, or with `--size all`. */
  readonly preset: boolean;
  /** The size of `--smoke`. */
  readonly smoke?: true;
  /** The greatest number of repetitions; less than usual where one run is long and sufficient. */
  readonly repeatsMax?: number;
  readonly parameters: Parameters;
};

/** A scenario whose runs need no parameters from outside. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  /** The first metric is the one by which systems are compared. */
  readonly metrics: readonly Metric[];
  readonly sizes: readonly ScenarioSize[];
};

/** A participant: a system under test, or a variant of Callboard that the scenario names itself. */
export type ScenarioSize = Omit<Size<never>, 'parameters'> & {
  readonly contestants: readonly Contestant[];
};

export type Contestant = {
  /** A system's name, or the name of a variant. */
  readonly name: SystemName | (string & {});
  readonly title: string;
  /** Without `--database-url` it is left out, and the output says so. */
  readonly needsDatabase?: boolean;
  readonly run: (context: RunContext) => Promise<Figures>;
};

/** Sizes whose participants are systems, run by one function. */
export function sizesOf<Parameters>(
  sizes: readonly Size<Parameters>[],
  contestants: (parameters: Parameters) => readonly Contestant[],
): readonly ScenarioSize[] {
  return sizes.map(({ parameters, ...size }) => ({ ...size, contestants: contestants(parameters) }));
}
