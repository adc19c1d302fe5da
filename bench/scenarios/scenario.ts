/** What a scenario is, and the result of one run. */
import type { SystemName } from '../systems/systems.ts';

export type Metric = {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Whether more or less is better; ratios say how many times better. */
  readonly better: 'more' | 'less';
  /** True for processor time: it does not count what others did with the processor in between. */
  readonly ofProcessor?: true;
  /** True for what is no time: the machine's mood does not change it, so runs of different days compare. */
  readonly counted?: true;
  /** True for what says how hard the run was for the bench itself: it is no figure of a system. */
  readonly ofBench?: true;
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
  /** Why times must not be used, although processor time and what is no time may: the server was starved. */
  readonly starved?: readonly string[];
  /** What was seen over the time, beside each other. */
  readonly series?: readonly Series[];
};

/** One column of what was seen over the time; its title has its unit. `null`: not seen. */
export type Series = { readonly title: string; readonly values: readonly (number | null)[] };

export type RunContext = {
  readonly seed: number;
  readonly repeat: number;
  readonly databaseUrl: string | undefined;
  /** Temporary folder in which the runs of one size leave recordings for each other; each repetition has its own. */
  readonly folder: string;
};

export type Size<Parameters> = {
  readonly name: string;
  /** True when the size is part of a run that names no size. Others run when they are named, or with `--size all`. */
  readonly preset: boolean;
  /** The size of `--smoke`. */
  readonly smoke?: true;
  /** Who takes part in the size under `--quick`: Callboard, and what it is compared with. Without it nobody does. */
  readonly quick?: readonly string[];
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

/** The sizes of `--quick`, with those who take part in them. */
export function quickSizes(sizes: readonly ScenarioSize[]): readonly ScenarioSize[] {
  return sizes.flatMap((size) => {
    const { quick, contestants, repeatsMax: _, ...rest } = size;
    if (quick === undefined) return [];
    return [{ ...rest, contestants: contestants.filter(({ name }) => quick.includes(name)) }];
  });
}

/** Sizes whose participants are systems, run by one function. */
export function sizesOf<Parameters>(
  sizes: readonly Size<Parameters>[],
  contestants: (parameters: Parameters) => readonly Contestant[],
): readonly ScenarioSize[] {
  return sizes.map(({ parameters, ...size }) => ({ ...size, contestants: contestants(parameters) }));
}
