/**
 * Goal: every decision of the server about who may do or see something is needed, and the attacks notice when one is missing
 * ([OWN3], I13). Method: the decisions are read from the sources. For each, a real server is started whose source says "yes"
 * in that one place, and the attack that should succeed then is tried: one of its assertions must fail. On a server with
 * all decisions the same attacks fail.
 */
import { describe, expect, it } from 'vitest';
import { inTurn, isCi } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { databases } from '../processes/databases.ts';
import { attacks } from './all-attacks.ts';
import { caughtBy, harmless, onPostgresAlone } from './mutants/caught-by.ts';
import { conditions } from './mutants/conditions.ts';
import { allDecisions } from './mutants/decisions.ts';
import { attackedWithout } from './mutants/mutated-world.ts';

/** Ends what hangs; each starts a server of its own, beside others. */
const timeout = 300_000;

const decisions = allDecisions(conditions);
const rows = Object.entries(caughtBy).flatMap(([attack, names]) => names.map((name) => ({ attack, name })));

/** Mutants, each with the attack that succeeds, on the database on which its place is reached. */
const mutants = rows.flatMap(({ attack, name }) => {
  const wanted = onPostgresAlone.has(name) ? 'PostgreSQL' : 'SQLite';
  const dropped = decisions.find((one) => one.name === name);
  const database = databases.find((one) => one.name === wanted);
  return dropped === undefined || database === undefined ? [] : [{ attack, name, dropped, database }];
});

const seed = seedOfRun();

/**
 * At a desk one of them, in turn; in CI, whose time is bounded, one in three, by its seed: about forty. `TEST_EFFORT=full`
 * tries all.
 */
const tried = inTurn(isCi ? mutants.filter((_, index) => (index + seed) % 3 === 0) : mutants, {
  oneIn: mutants.length,
  seed,
});

describe('the list of decisions', () => {
  it('[OWN3] has a row for every place at which the server decides, and no others', () => {
    const listed = [...rows.map(({ name }) => name), ...Object.keys(harmless)];
    expect(listed.toSorted()).toEqual(decisions.map(({ name }) => name).toSorted());
    expect(rows.length).toBeGreaterThanOrEqual(20);
  });

  it('[OWN3] names attacks that there are', () => {
    const titles = new Set(attacks.map(({ title }) => title));
    expect(Object.keys(caughtBy).filter((title) => !titles.has(title))).toEqual([]);
  });
});

describe('a server that has dropped one decision', () => {
  const named = (titles: ReadonlySet<string>) => attacks.filter(({ title }) => titles.has(title));

  it('[OWN3] with none dropped every one of these attacks fails', { timeout }, async () => {
    const [database] = databases;
    if (database === undefined) throw new Error('there is no database');
    const titles = new Set(tried.map(({ attack }) => attack));
    const outcomes = await attackedWithout(null, named(titles), database);
    expect(outcomes).toHaveLength(titles.size);
    expect(outcomes.filter(({ is }) => is !== 'held')).toEqual([]);
  });

  // One after the other: tests of time and processes run beside them.
  it.each(tried.map((mutant) => [mutant.name, mutant] as const))(
    '[OWN3] is caught without %s',
    { timeout },
    async (_, { attack, dropped, database }) => {
      const outcomes = await attackedWithout(dropped, named(new Set([attack])), database);
      expect(outcomes).toMatchObject([{ attack, is: 'caught' }]);
    },
  );
});
