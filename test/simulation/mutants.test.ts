/**
 * Goal: each invariant must detect a system that breaks it, because a test that cannot fail proves nothing. Method:
 * mutants put one broken part between the world and the real system; only the invariant that it breaks is checked.
 *
 * A quick run hunts one mutant in four, chosen by its seed: a hunt simulates hundreds of worlds, and a mutant escapes
 * only when an invariant or the world has changed, which CI notices with all mutants.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { cases, inTurn } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { invariantNames } from './invariant.ts';
import { mutants } from './mutants/all.ts';
import { type Catch, catchTable, hunt } from './mutants/hunt.ts';

const seed = seedOfRun();

describe('every mutant is caught', () => {
  const catches: Catch[] = [];
  /** What is caught counts. How small it becomes is for the table that people read. */
  const shrinksMsMax = cases({ quick: 100, full: 1500 });

  it.each(inTurn(mutants, { oneIn: 4, seed }))(
    '$breaks: $name',
    async (mutant) => {
      const found = await hunt(mutant, { seed, runs: 2000, shrinksMsMax });
      catches.push(found);
      expect(found.caught, `seed ${seed}`).not.toBeNull();
    },
    60_000,
  );

  it('and every invariant has one', () => {
    expect(invariantNames.filter((name) => mutants.every(({ breaks }) => breaks !== name))).toEqual([]);
  });

  afterAll(() => void process.stdout.write(`mutants, seed ${seed}\n${catchTable(catches)}\n`));
});
