/** Plans for the proxy, which fast-check generates and shrinks. */
import fc from 'fast-check';
import type { ChaosPlan, ChaosStep } from './chaos-proxy.ts';

/** Silence until the network is healed: the client must notice by itself. */
const deafMs = 60_000;

const act: fc.Arbitrary<ChaosStep['act']> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'cut' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stall', ms: deafMs } as const) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }).map((ms) => ({ kind: 'stall', ms }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }))
      .map(([size, pieces]) => ({ kind: 'split', size, pieces }) as const),
  },
);

/** Bytes: often within the handshake and the first frames, sometimes later. */
const afterBytes = fc.oneof(
  fc.integer({ min: 0, max: 400 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 0, max: 12_000 }),
);

const steps = (lengthMax: number) =>
  fc.array(fc.record<ChaosStep>({ afterBytes, act }), { maxLength: lengthMax });

export const chaosPlan: fc.Arbitrary<ChaosPlan> = fc.record({ toClient: steps(4), toServer: steps(2) });

/** One plan per connection; connections after the last plan are not disturbed. */
export const chaosPlans = fc.array(chaosPlan, { minLength: 1, maxLength: 12 });
