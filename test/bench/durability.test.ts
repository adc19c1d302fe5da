/** The benches of `bench/durability.ts` in sizes that take no time, so that they don't rot. They judge nothing. */
import { expect, it } from 'vitest';
import { costOfDurability } from '../../bench/durability-cost.ts';
import { measuredSystem, silentLog } from '../../bench/measured-system.ts';
import { memoryJournal } from '../../bench/memory-journal.ts';
import { quantile } from '../../bench/quantile.ts';
import { scratchSqlite } from '../../bench/scratch-stores.ts';
import { bytesPerSession } from '../../bench/session-memory.ts';
import { startUp } from '../../bench/start-up.ts';
import { storeSessions } from '../../bench/stored-sessions.ts';
import { wakeTime } from '../../bench/wake-time.ts';
import { openStorage } from '../../src/storage/open-storage.ts';

it('measures the cost of durability, starts, wakes and the weight of a session', async () => {
  const store = await scratchSqlite('SQLite');
  const storage = await openStorage({ ...store, log: silentLog });
  const contestants = [
    { name: 'memory', measured: await measuredSystem(memoryJournal()) },
    { name: 'SQLite', measured: await measuredSystem(storage) },
  ];
  const figures = await costOfDurability(contestants, { clients: 3, rounds: 2, roundMs: 30 });
  for (const figure of figures) {
    expect(figure.eventsPerSecond).toBeGreaterThan(0);
    expect(figure.commitMsP99).toBeGreaterThanOrEqual(figure.commitMsP50);
    expect(figure.answerMsP50).toBeGreaterThanOrEqual(figure.commitMsP50);
  }
  const sessions = await storeSessions(storage.journal, 10);
  expect(await storage.readModel.sessionsWithOpenTurns()).toEqual([]);
  expect((await wakeTime(storage, sessions)).asleepMsP99).toBeGreaterThan(0);
  for (const { measured } of contestants) await measured.system.stop();
  await storage.close();
  const { readyMs } = await startUp(store);
  expect(readyMs).toBeGreaterThan(0);
  await store.remove();
  expect(await bytesPerSession(200)).toBeGreaterThan(1000);
});

it('takes the right quantiles', () => {
  const values = Array.from({ length: 100 }, (_value, index) => 100 - index);
  expect([0, 0.5, 0.99, 1].map((at) => quantile(values, at))).toEqual([1, 51, 100, 100]);
  expect(quantile([], 0.5)).toBeNaN();
});
