/**
 * Plans of when the server dies in the runs of a torture: at every event in turn, before and after its commit, and at
 * random instants.
 */
import fc from 'fast-check';
import type { Death } from './server-lives.ts';

/** How many times a server dies in one run. More would find less: each restart closes what was open. */
const deathsPerRun = 4;

/**
 * Plans for about `points` deaths. The first death of each run is at the next event of the scenario; the later ones,
 * which hit recovery and what follows it, are drawn from `seed`.
 */
export function deathPlans(options: {
  readonly points: number;
  readonly seed: number;
  /** How many events the scenario has when the server does not die. */
  readonly events: number;
}): readonly (readonly Death[])[] {
  const { points, seed, events } = options;
  const runs = Math.ceil(points / deathsPerRun);
  const later: fc.Arbitrary<Death> = fc.oneof(
    fc.record({
      when: fc.constantFrom('before' as const, 'after' as const),
      // Far enough for a follower to come back first, in most lives: a session that recovers tells of spans as well.
      event: fc.integer({ min: 1, max: 240 }),
    }),
    fc.record({ when: fc.constant('timer' as const), afterMs: fc.integer({ min: 0, max: 300 }) }),
  );
  const drawn = fc.sample(fc.array(later, { minLength: deathsPerRun - 1, maxLength: deathsPerRun - 1 }), {
    numRuns: runs,
    seed,
  });
  return drawn.map((deaths, run) => [firstDeath(run, runs, events), ...deaths]);
}

function firstDeath(run: number, runs: number, events: number): Death {
  const event = 1 + Math.floor((run * events) / runs);
  return { when: run % 2 === 0 ? 'after' : 'before', event };
}
