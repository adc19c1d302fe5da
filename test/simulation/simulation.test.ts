/**
 * Goal: whatever fails, and whenever, every invariant holds. Method: generated scenarios move a simulated world of
 * the real machines, actors, outbox, registry, recovery and stream hub; each invariant checks the facts after every
 * step. Then all faults end, and the world must come to rest with every client equal to the read model.
 */
import { expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { passes } from '../named-property.ts';
import { mustHappen, simulation } from './property.ts';

it('[I1] [I2] [I3] [I4] [I5] [I6] [I7] [I8] [I9] [I10] [I11] [I12] [I13] [I14] [V1B1] [V1B3] [V1D1] [V1D2] hold after every step of a simulated world', async () => {
  const { counts } = await passes(simulation);
  // The worlds were not vacuous: everything that can happen did. Few worlds may miss what is rare.
  if (effort === 'full') expect(mustHappen.filter((what) => (counts[what] ?? 0) === 0)).toEqual([]);
  expect(counts['steps']).toBeGreaterThan(20_000);
}, 300_000);
