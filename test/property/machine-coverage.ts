/**
 * Machine coverage as a named property: walks through every machine reach each of its states and transitions, and no
 * event in any state throws.
 */
import fc from 'fast-check';
import { type NamedProperty, namedProperty, type Verdict } from '../named-property.ts';
import { MachineMap } from './machine-map.ts';
import { type Walk, walk, walkThrough } from './machine-walk.ts';
import { type SpokenMachine, spokenMachines } from './machine-words.ts';
import { answerReducer, configReducer, connectionReducer, registryReducer } from './reducer-walks.ts';

type Tell = (line: string) => void;
type Reached = {
  readonly name: string;
  readonly states: ReadonlyMap<string, number>;
  readonly transitions: ReadonlyMap<string, number>;
};
type NamedWalk = { readonly machine: string; readonly walk: (tell: Tell) => void };

/** Fewer walks than this prove nothing about what cannot be reached. */
const walksMin = 1500;

class Coverage {
  readonly maps: readonly Reached[];
  readonly walks: fc.Arbitrary<NamedWalk>;
  heard = 0;

  constructor() {
    const charts = spokenMachines.map((spoken) => ({ spoken, map: new MachineMap(spoken.machine) }));
    const reducers = [connectionReducer(), answerReducer(), configReducer(), registryReducer()];
    for (const { spoken, map } of charts) expectWords(spoken, map);
    this.maps = [...charts.map(({ map }) => map), ...reducers.map(({ table }) => table)];
    // Without bias, because short walks reach little.
    const walks = fc.oneof(
      ...charts.map(({ spoken, map }) => walk.map(chartWalk(spoken, map))),
      ...reducers.map(({ table: { name }, walks: ways }) =>
        ways.map((way): NamedWalk => ({ machine: name, walk: way })),
      ),
    );
    this.walks = fc.noBias(walks);
  }

  check({ walk: go }: NamedWalk): void {
    go(() => {
      this.heard++;
    });
  }

  script({ machine, walk: go }: NamedWalk): readonly string[] {
    const lines: string[] = [];
    try {
      go((line) => lines.push(`${machine}: ${line}`));
    } catch {
      // The failure itself is reported elsewhere.
    }
    return lines;
  }

  get unreached(): readonly string[] {
    return this.maps.flatMap(({ name, states, transitions }) =>
      [...states, ...transitions].flatMap(([what, times]) => (times === 0 ? [`${name}, ${what}`] : [])),
    );
  }
}

function chartWalk(spoken: SpokenMachine, map: MachineMap): (plan: Walk) => NamedWalk {
  return (plan) => ({
    machine: map.name,
    walk: (tell) => walkThrough(spoken, plan, map, (event) => tell(`hears ${event.type}`)),
  });
}

function expectWords({ words }: SpokenMachine, { name, descriptors }: MachineMap): void {
  const missing = [...descriptors].filter((descriptor) => !words.has(descriptor));
  if (missing.length > 0)
    throw new Error(`${name} has no words for ${missing.join(', ')}: see machine-words.ts`);
}

/** How many of each machine's states and transitions were reached, as a table; with `whole`, how often each. */
export function coverageText(maps: readonly Reached[], whole = false): string {
  const rows = maps.flatMap(({ name, states, transitions }) => [
    `${name.padEnd(14)} ${share(states).padStart(12)} ${share(transitions).padStart(16)}`,
    ...(whole
      ? [...states, ...transitions].map(([what, times]) => `${String(times).padStart(10)}  ${what}`)
      : []),
  ]);
  return [`${'machine'.padEnd(14)} ${'states'.padStart(12)} ${'transitions'.padStart(16)}`, ...rows].join(
    '\n',
  );
}

function share(map: ReadonlyMap<string, number>): string {
  return `${[...map.values()].filter((times) => times > 0).length} of ${map.size}`;
}

/** As {@link NamedProperty.run}, and shows the maps. */
export async function runMachineCoverage(
  budget: Parameters<NamedProperty['run']>[0],
): Promise<{ readonly verdict: Verdict; readonly maps: readonly Reached[] }> {
  const coverage = new Coverage();
  const verdict = await namedProperty({
    ...about,
    values: coverage.walks,
    open: () => ({
      check: (one) => coverage.check(one),
      script: (one) => coverage.script(one),
      counts: () => ({ steps: coverage.heard, unreached: coverage.unreached.length }),
    }),
  }).run(budget);
  return { verdict: withUnreached(verdict, coverage), maps: coverage.maps };
}

function withUnreached(verdict: Verdict, { unreached }: Coverage): Verdict {
  if (verdict.failure !== null || verdict.runs < walksMin || unreached.length === 0) return verdict;
  const message = `never reached in ${verdict.runs} walks: a mistake in the machine, or code that is dead`;
  return { ...verdict, failure: { path: '', shrinks: 0, message, script: unreached } };
}

const about = {
  name: 'machine-coverage',
  promises: 'Every state and transition of every machine can be reached, and no event in any state throws.',
  rules: ['I4', 'I5', 'I6', 'I7', 'I8'],
  runs: 5000,
  quickRuns: 500,
} as const;

export const machineCoverage: NamedProperty = {
  ...about,
  run: async (budget) => (await runMachineCoverage(budget)).verdict,
};
