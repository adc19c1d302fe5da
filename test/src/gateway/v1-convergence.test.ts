/**
 * Goal: whatever is committed, published, read, stalled, cut and resumed, in whatever order, each reader's list of
 * durable events is the journal's, once each and in order, and its texts are those of the answers (I1–I4).
 *
 * Method: generated steps against the real hub, connections and conversations over simulated sockets, journal and
 * clock, with bounds so small that everything that happens at a bound happens often. Readers check each frame as it
 * comes. Then all faults end, and everything must come to rest with nothing missing. `FC_RUNS` says how many cases.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SimulatedClient } from './simulated-client.ts';
import { run, sessions, step } from './simulated-steps.ts';
import { SimulatedWorld } from './simulated-world.ts';

const runs = Number(process.env['FC_RUNS'] ?? 1000);
const seen = { cases: 0, durables: 0, snapshots: 0, resyncs: 0, behind: 0, closed: 0, received: 0 };

it(
  `[I1] [I2] [I3] [I4] [V1A2] [V1B1] [V1B3] [V1D1] [V1D2] every reader converges to the journal`,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
        fc.constantFrom(0, 10),
        fc.boolean(),
        async (steps, flushIntervalMs, severalSubscriptions) => {
          const world = new SimulatedWorld({ sessions, flushIntervalMs, severalSubscriptions });
          for (const one of steps) {
            await run(world, one);
            await null;
          }
          await world.rest();
          expect(world.log.lines.filter(([level]) => level === 'error')).toEqual([]);
          seen.cases++;
          seen.behind += world.behind;
          seen.closed += world.closed;
          for (const { client } of world.readers) {
            if (client instanceof SimulatedClient) {
              seen.durables += client.durables;
              seen.snapshots += client.snapshots;
              seen.resyncs += client.resyncs;
            } else seen.received += client.received.size;
          }
        },
      ),
      { numRuns: runs, ...(process.env['FC_SEED'] ? { seed: Number(process.env['FC_SEED']) } : {}) },
    );
    process.stdout.write(`v1 convergence: ${JSON.stringify(seen)}\n`);
    // The cases were not vacuous: everything that can happen did.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(runs / 100);
  },
  60_000 + runs * 30,
);
