import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDefault, backoffMs } from '../../../src/client/backoff.ts';

describe('backoff', () => {
  it('[CLT2] is anywhere from 0 to a bound that doubles, up to the greatest', () => {
    const bounds = { firstMs: 100, maxMs: 1000 };
    expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, 0.5, bounds))).toEqual([
      50, 100, 200, 400, 500, 500,
    ]);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(1_000_000_000),
        (attempt, random, askedMs) => {
          const wait = backoffMs(attempt, random, backoffDefault);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThan(Math.min(30_000, 500 * 2 ** Math.min(attempt, 10)) + 1);
          expect(Number.isInteger(wait)).toBe(true);
          expect(backoffMs(attempt, random, backoffDefault, askedMs)).toBe(askedMs + wait);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
