/** Timestamps: formatting and parsing, for every instant that the format can express. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isoTimestamp, millisecondsOf } from '../../schema/timestamp.ts';
import { anyInstant } from '../arbitraries/instants.ts';

describe('a timestamp', () => {
  it('[TXT5] is ISO 8601 with milliseconds and Z, and gives its milliseconds back, in any order of use', () => {
    fc.assert(
      fc.property(fc.array(anyInstant), (instants) => {
        for (const at of [...instants, ...instants.toReversed()]) {
          const text = isoTimestamp(at);
          expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          expect(z.iso.datetime().safeParse(text).success).toBe(true);
          expect(millisecondsOf(text)).toBe(at);
        }
      }),
      { numRuns: 300 },
    );
    expect(isoTimestamp(Date.UTC(2026, 10, 23, 4, 40))).toBe('2026-11-23T04:40:00.000Z');
    expect(millisecondsOf('soon')).toBeNaN();
  });

  it('[TXT5] sorts as text as it does in time', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, (one, other) => {
        expect(isoTimestamp(one) < isoTimestamp(other)).toBe(one < other);
      }),
      { numRuns: 300 },
    );
  });
});
