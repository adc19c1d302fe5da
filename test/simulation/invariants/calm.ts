/** The system must log errors of its surroundings; any other logged error is a bug that it noticed itself. */
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('calm');

/** Errors that the world causes on purpose. */
const expected: ReadonlySet<string> = new Set([
  'Journal is unavailable; commands are refused until it is back',
  'The journal rejected events',
  'Session actor failed; it restarts from its rows',
  'Session actor keeps failing; it sleeps until its next command',
  'Session could not be read',
  'A repeated command could not be looked up',
  'Model call failed',
  'Tool threw',
]);

export const calm: Invariant = {
  name: 'calm',
  says: 'The system reports no bug of its own.',
  watch: () => ({
    hear: (fact) => {
      if (fact.kind !== 'complained') return;
      holds(expected.has(fact.message), () => `"${fact.message}" ${JSON.stringify(fact.context)}`);
    },
  }),
};
