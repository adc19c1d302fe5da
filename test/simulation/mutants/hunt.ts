/** Hunts one mutant: generates worlds with the broken part until the invariant that it breaks fails. */
import fc from 'fast-check';
import { InvariantBroken } from '../invariant.ts';
import { invariants } from '../invariants/all.ts';
import { scenario } from '../scenario.ts';
import { simulate, story } from '../simulation.ts';
import { Tally } from '../tally.ts';
import type { Mutant } from './mutant.ts';

export type Catch = {
  readonly mutant: Mutant;
  /** `null`: it was not caught. */
  readonly caught: {
    readonly runs: number;
    readonly steps: number;
    readonly message: string;
    /** The smallest world found in which it shows. */
    readonly script: readonly string[];
  } | null;
};

/** Checks only the invariant that the mutant breaks: it must find the fault alone. */
export async function hunt(
  mutant: Mutant,
  budget: { readonly seed: number; readonly runs: number; readonly shrinksMsMax: number },
): Promise<Catch> {
  const watched = invariants.filter(({ name }) => name === mutant.breaks);
  const tally = new Tally();
  let runs = 0;
  let steps: number | undefined;
  let caughtAt = 0;
  const property = fc.asyncProperty(scenario, async (given) => {
    if (steps === undefined) runs++;
    else if (performance.now() - caughtAt > budget.shrinksMsMax) return;
    try {
      await simulate(given, { invariants: watched, parts: mutant.parts(), tally });
    } catch (error) {
      if (!(error instanceof InvariantBroken) || error.invariant !== mutant.breaks) return;
      if (steps === undefined) {
        steps = tally.counts['steps'] ?? 0;
        caughtAt = performance.now();
      }
      throw error;
    }
  });
  const details = await fc.check(property, { seed: budget.seed, numRuns: budget.runs });
  if (!details.failed || details.counterexample === null) return { mutant, caught: null };
  const { errorInstance, counterexample } = details;
  const script = await story(counterexample[0], { invariants: watched, parts: mutant.parts() });
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { mutant, caught: { runs, steps: steps ?? 0, message, script } };
}

/** A table of what was caught, for people. */
export function catchTable(catches: readonly Catch[]): string {
  const rows = catches.map(({ mutant, caught }) => {
    const found = caught === null ? ['never', '', ''] : [caught.runs, caught.steps, caught.script.length - 1];
    return `| ${[mutant.breaks, mutant.name, ...found].join(' | ')} |`;
  });
  return [
    '| invariant | mutant | caught after worlds | steps | lines of the shrunk script |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
