/** How the interval between checkpoints follows the number of answers that stream. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CheckpointPace } from '../../../actors/model-calls/checkpoint-pace.ts';
import { limits } from '../../../schema/limits.ts';

const { checkpointIntervalMs, checkpointIntervalMsMax, checkpointSpacingMs } = limits;

it('[MSG12] one answer is checkpointed at the shortest interval, many together no more often than allowed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), fc.nat(), (streams, ended) => {
      const pace = new CheckpointPace();
      const ends = Array.from({ length: streams }, () => pace.begin());
      const interval = pace.intervalMs;
      expect(interval).toBeGreaterThanOrEqual(checkpointIntervalMs);
      expect(interval).toBeLessThanOrEqual(checkpointIntervalMsMax);
      if (interval < checkpointIntervalMsMax) {
        expect(streams / interval).toBeLessThanOrEqual(1 / checkpointSpacingMs);
      }
      for (const end of ends.slice(0, ended % (streams + 1))) end();
      expect(pace.intervalMs).toBeLessThanOrEqual(interval);
      for (const end of ends.slice(ended % (streams + 1))) end();
      expect(pace.intervalMs).toBe(checkpointIntervalMs);
    }),
    { numRuns: 50 },
  );
});
