/** The simulation as a property that is run by name. */
import { type NamedProperty, namedProperty } from '../named-property.ts';
import type { InvariantName } from './invariant.ts';
import { invariants } from './invariants/all.ts';
import { scenario } from './scenario.ts';
import { simulate, story } from './simulation.ts';
import { Tally } from './tally.ts';

/** Those of docs/invariants.md; `tools` and `calm` are watched as well and have no number. */
const numbered: readonly InvariantName[] = invariants
  .map(({ name }) => name)
  .filter((name) => name !== 'calm' && name !== 'tools');

export const simulation: NamedProperty = namedProperty({
  name: 'simulation',
  promises:
    'Whatever fails, and whenever, every invariant holds after every step, and in the end all converge.',
  rules: [...numbered, 'RTL6', 'RTL8', 'V1B1', 'V1B3', 'V1D1', 'V1D2'],
  runs: 1500,
  quickRuns: 250,
  values: scenario,
  open: () => {
    const tally = new Tally();
    return {
      check: (given) => simulate(given, { invariants, tally }),
      script: (given) => story(given, { invariants }),
      counts: () => tally.counts,
    };
  },
});

/** What a run of {@link simulation} must have seen in order not to be vacuous. */
export const mustHappen = [
  'crashes',
  'stops',
  'resumes',
  'resyncs',
  'late joins',
  'texts named',
  'compact deltas',
  // Log messages of the stream hub about its readers.
  'a reader fell behind',
  'a reader is disconnected',
  'missed events cannot be read yet',
  'model calls',
  'tool runs',
  'tools registered',
  'registered tools changed',
  'registered tools deactivated',
  'runs of registered tools',
  'tool server reconnecting',
  'tool server odd',
  'tool server gone',
  'calls that waited',
  'calls approved',
  'calls denied',
  'attempts repeated',
  'pieces',
  'rejections',
  'orders done',
  'orders refused',
  'orders repeated',
  'storage outages',
  'appends that failed',
  'appends that were answered to nobody',
  'questions answered again',
  'messages deleted',
  'message ids used in another session',
  'branches selected',
  'messages refused by closed sessions',
  'participant.added',
  'waiting messages changed or placed',
  'spans of clients',
  'turns completed',
  'turns failed',
  'turns cancelled',
  'turns interrupted',
  'agents that began',
  'pushed answers that are whole',
  'members who heard that they were added',
  'members who heard that they were removed',
  'commands of strangers',
] as const;
