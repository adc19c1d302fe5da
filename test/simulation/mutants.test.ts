/**
 * Goal: each invariant must detect a system that breaks it, because a test that cannot fail proves nothing. Method:
 * mutants put one broken part between the world and the real system; only the invariant that it breaks is checked.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cases } from '../effort.ts';
import { invariantNames } from './invariant.ts';
import { mutants } from './mutants/all.ts';
import { type Catch, catchTable, hunt } from './mutants/hunt.ts';

describe('every mutant is caught', () => {
  const catches: Catch[] = [];
  /** What is caught counts. How small it becomes is for the table that people read. */
  const shrinksMsMax = cases({ quick: 100, full: 1500 });
  const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31);

  it.each(mutants)(
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
