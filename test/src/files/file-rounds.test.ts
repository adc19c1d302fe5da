/** When unused files are searched for, with time moved by hand. */
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { startFileRounds } from '../../../src/files/file-rounds.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createManualClock } from '../engines/manual-clock.ts';

let stop = () => {};
afterEach(() => stop());

function scripted(faults: { orphans?: number; collect?: number } = {}) {
  const clock = createManualClock();
  const calls: string[] = [];
  const fail = (what: 'orphans' | 'collect') => {
    const left = faults[what] ?? 0;
    faults[what] = left - 1;
    if (left > 0) throw new Error('says the test');
  };
  const files = {
    removeOrphans: async (before: number) => {
      calls.push(`orphans before ${before - clock.now() <= 0}`);
      fail('orphans');
      return 0;
    },
    collect: async (after: number) => {
      calls.push(`collect ${after}`);
      fail('collect');
      return after < 2 ? after + 1 : null;
    },
  };
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await tick();
  };
  /** Moves to the next timer; returns how long that was. */
  const next = async () => {
    const before = clock.now();
    expect(clock.runNext()).toBe(true);
    await settle();
    return clock.now() - before;
  };
  return { clock, calls, files, settle, next };
}

describe('rounds of files', () => {
  it('[FIL18] [FIL20] orphans once, then step by step with pauses, then again after the interval', async () => {
    const { clock, calls, files, settle, next } = scripted();
    stop = startFileRounds({ files, clock, log: silentLog, graceMs: limits.fileGraceMs });
    await settle();
    expect([await next(), await next()]).toEqual([limits.fileRoundPauseMs, limits.fileRoundPauseMs]);
    const round = ['collect 0', 'collect 1', 'collect 2'];
    expect(calls).toEqual(['orphans before true', ...round]);
    expect(await next()).toBe(limits.fileRoundMsMax);
    expect([await next(), await next()]).toEqual([limits.fileRoundPauseMs, limits.fileRoundPauseMs]);
    expect(calls).toEqual(['orphans before true', ...round, ...round]);
  });

  it('[FIL20] a failed search is tried again, and a short grace makes rounds short', async () => {
    const { clock, calls, files, settle, next } = scripted({ orphans: 1, collect: 1 });
    stop = startFileRounds({ files, clock, log: silentLog, graceMs: 5000 });
    await settle();
    expect(calls).toEqual(['orphans before true']);
    expect(await next()).toBe(5000);
    expect(calls.slice(1)).toEqual(['orphans before true', 'collect 0']);
    expect(await next()).toBe(5000);
    expect(calls.slice(3)).toEqual(['collect 0']);
  });

  it('[FIL20] nothing begins after the end', async () => {
    const { clock, calls, files, settle } = scripted();
    stop = startFileRounds({ files, clock, log: silentLog, graceMs: 5000 });
    stop();
    await settle();
    while (clock.runNext()) await settle();
    expect(calls.filter((call) => call !== 'orphans before true')).toEqual([]);
  });
});
