/** Times as clocks return them: mostly close together, sometimes far apart, in no order. */
import fc from 'fast-check';
import type { Milliseconds } from '../../schema/timestamp.ts';

export const noon: Milliseconds = Date.UTC(2026, 10, 23, 12);

/** The years that a timestamp in a frame can have, with a day to spare for `updatedAt` to advance. */
export const firstInstant: Milliseconds = Date.UTC(1, 0, 1);
export const lastInstant: Milliseconds = Date.UTC(9999, 11, 30);

export const anyInstant: fc.Arbitrary<Milliseconds> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: noon - 5000, max: noon + 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: firstInstant, max: lastInstant }) },
);
