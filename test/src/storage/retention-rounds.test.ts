/** Goal: old events are deleted, and readers notice nothing. Method: SQLite in memory, and time moved by hand. */
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalUnavailable, type Retention } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { startRetentionRounds } from '../../../src/storage/retention-rounds.ts';
import { openSqliteInMemory } from '../../../src/storage/sqlite/open-sqlite.ts';
import { silentLog } from '../../contract/journal-backend.ts';
import { entry } from '../../contract/sample-entries.ts';
import { createManualClock, type ManualClock } from '../engines/manual-clock.ts';

const day = 24 * 60 * 60 * 1000;
let stop = () => {};
let clock: ManualClock;
beforeEach(() => {
  clock = createManualClock();
});
afterEach(() => stop());

/** A retention with `sweeps` and `forgets` steps in the first round, and a record of its calls. */
function scripted(sweeps: number, forgets: number, fault?: Error) {
  const calls: string[] = [];
  const answer = async (name: string, left: number): Promise<boolean> => {
    calls.push(name);
    if (fault !== undefined) throw fault;
    return left > 0;
  };
  const retention: Retention = {
    sweep: () => answer('sweep', --sweeps),
    forget: (before) => answer(`forget ${(clock.now() - before) / day}`, --forgets),
  };
  return { calls, retention };
}

/** Waits for every step that needs no time, then moves to the next timer. */
async function nextTimer(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await tick();
  const before = clock.now();
  await expect.poll(() => clock.runNext(), { interval: 1 }).toBe(true);
  for (let turn = 0; turn < 5; turn++) await tick();
  return clock.now() - before;
}

describe('retention rounds', () => {
  it('[JRN20] forget at the start, delete an hour later, and leave what is young', async () => {
    const { eventLog, journal, retention, events, close } = await openSqliteInMemory();
    const stored = async () => (await events({ after: 0, limit: 10 })).map(({ seq }) => seq);
    const config = entry.config({ features: {}, theme: 'dark' });
    const ages = [31, 30.5, 29, 0];
    await journal.append(ages.map((age) => ({ ...config, at: clock.now() - age * day })));
    stop = startRetentionRounds({ retention, clock, log: silentLog, keepMs: 30 * day });
    await expect.poll(() => eventLog.range()).toEqual({ oldest: 3, newest: 4 });
    expect(await stored()).toHaveLength(4);
    expect(await nextTimer()).toBe(limits.retentionIntervalMs);
    await expect.poll(stored).toEqual([3, 4]);
    for (let round = 0; round < 25; round++) await nextTimer();
    await expect.poll(() => eventLog.range()).toEqual({ oldest: 4, newest: 4 });
    stop();
    await close();
  });

  it('[JRN20] sweep before they forget, in steps, with a pause between them', async () => {
    const { calls, retention } = scripted(2, 3);
    stop = startRetentionRounds({ retention, clock, log: silentLog, keepMs: 7 * day });
    const pauses = [await nextTimer(), await nextTimer(), await nextTimer()];
    expect(pauses).toEqual([1, 1, 1].map(() => limits.retentionPauseMs));
    expect(calls).toEqual(['sweep', 'sweep', 'forget 7', 'forget 7', 'forget 7']);
    expect(await nextTimer()).toBe(limits.retentionIntervalMs);
  });

  it('[JRN20] try again after an hour when the store is unavailable', async () => {
    const { calls, retention } = scripted(1, 1, new JournalUnavailable('gone'));
    stop = startRetentionRounds({ retention, clock, log: silentLog, keepMs: day });
    expect(await nextTimer()).toBe(limits.retentionIntervalMs);
    expect(calls).toEqual(['sweep', 'sweep']);
  });

  it('[JRN20] do nothing when events are kept for ever, or when stopped', async () => {
    const { calls, retention } = scripted(5, 5);
    startRetentionRounds({ retention, clock, log: silentLog, keepMs: 0 });
    const end = startRetentionRounds({ retention, clock, log: silentLog, keepMs: day });
    for (let turn = 0; turn < 5; turn++) await tick();
    end();
    expect(calls).toEqual(['sweep']);
    expect(clock.pending()).toBe(0);
  });
});
