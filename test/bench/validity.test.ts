/** When a run says nothing: the client, the provider or the server did not get what it needed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProcessorUse, starvedShare } from '../../bench/process/starvation.ts';
import { starvedShareMax, whyInvalid, whyStarved } from '../../bench/scenarios/validity.ts';

const calm = {
  serverCpuMs: 100,
  clientCpuMs: 100,
  wallMs: 1000,
  clientBusyShare: 0.1,
  clientLagMs: 1,
  complete: 5,
  subscribers: 5,
};
const latency = { latencyCounts: true };

describe('whyInvalid', () => {
  it('finds nothing wrong with a calm run', () => {
    const provider = { busyShare: 0.2, lateMs: 1, cpuMs: 100 };
    expect(whyInvalid({ ...calm, provider }, latency)).toEqual([]);
  });

  it.each([
    ['a client that used its processor', { clientCpuMs: 950 }, 'the client was saturated: 95 % busy'],
    [
      'a client that waited for its processor',
      { clientBusyShare: 0.95 },
      'the client was saturated: 95 % busy',
    ],
    ['a late client', { clientLagMs: 30 }, 'the client was late: its event loop by 30 ms (p99)'],
    ['missing texts', { complete: 4 }, '1 of 5 texts did not come in time'],
    [
      'a provider without time',
      { provider: { busyShare: 0.95, lateMs: 1, cpuMs: 100 } },
      'the provider was saturated: 95 % busy',
    ],
    [
      'a late provider',
      { provider: { busyShare: 0.2, lateMs: 30, cpuMs: 100 } },
      'the provider was late: its events by 30 ms (p99)',
    ],
  ])('names %s', (_title, strained, reason) => {
    expect(whyInvalid({ ...calm, ...strained }, latency)).toEqual([reason]);
  });

  it('lets a client be busy in a run as fast as possible, if the server is busier', () => {
    const fast = { latencyCounts: false };
    expect(whyInvalid({ ...calm, clientCpuMs: 950, serverCpuMs: 990 }, fast)).toEqual([]);
    expect(whyInvalid({ ...calm, clientCpuMs: 950, serverCpuMs: 400 }, fast)).toHaveLength(1);
  });
});

describe('a starved server', () => {
  type Used = Readonly<Record<'usedMs' | 'waitedMs' | 'othersMs' | 'stolenMs', number>>;
  const use: fc.Arbitrary<Used> = fc.record({
    usedMs: fc.nat(1000),
    waitedMs: fc.nat(1000),
    othersMs: fc.nat(1000),
    stolenMs: fc.nat(1000),
  });
  const start: ProcessorUse = { atMs: 5000, usedMs: 70, waitedMs: 20, ranMs: 90_000, stolenMs: 30 };

  function after({ usedMs, waitedMs, othersMs, stolenMs }: Used): ProcessorUse {
    return {
      atMs: start.atMs + 1000,
      usedMs: start.usedMs + usedMs,
      waitedMs: start.waitedMs + waitedMs,
      ranMs: start.ranMs + usedMs + othersMs,
      stolenMs: start.stolenMs + stolenMs,
    };
  }

  it('waited while others ran: neither a wait for its own threads counts, nor others that it did not wait for', () => {
    fc.assert(
      fc.property(use, (used) => {
        const share = starvedShare(start, after(used)) ?? Number.NaN;
        expect(share).toBeCloseTo(
          Math.min(1, (Math.min(used.waitedMs, used.othersMs) + used.stolenMs) / 1000),
          9,
        );
      }),
    );
  });

  it('cannot be told where the system does not say', () => {
    const unknown = { ...start, waitedMs: Number.NaN, ranMs: Number.NaN, stolenMs: Number.NaN };
    expect(starvedShare(unknown, { ...unknown, atMs: 6000 })).toBeNull();
    expect(starvedShare(start, start)).toBeNull();
    expect(whyStarved([null])).toEqual([]);
  });

  it('is named by its worst round', () => {
    expect(whyStarved([])).toEqual([]);
    expect(whyStarved([starvedShareMax])).toEqual([]);
    expect(whyStarved([0, 0.34, null, 0.2])).toEqual([
      'the server was starved: others had its processor for 34 % of the time while it waited',
    ]);
  });
});
