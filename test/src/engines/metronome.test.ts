/** Shared timers: a sleeper wakes in time and once, or never when it was cancelled. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Metronome } from '../../../src/engines/metronome.ts';
import { createManualClock } from './manual-clock.ts';

it('[REH7] wakes each sleeper when it is due, with one timer per millisecond, and those cancelled never', () => {
  const sleeper = fc.record({
    delay: fc.double({ min: 0, max: 20, noNaN: true }),
    cancelled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(sleeper, { maxLength: 100 }), (sleepers) => {
      const clock = createManualClock(1000);
      const metronome = new Metronome(clock);
      const woken: number[] = [];
      const asleep = sleepers.map(({ delay }, index) => {
        const wake = () => {
          woken.push(index);
          expect(clock.now()).toBe(Math.ceil(1000 + delay));
        };
        const one = { wake };
        return { one, due: metronome.sleep(delay, one) };
      });
      expect(clock.pending()).toBe(new Set(asleep.map(({ due }) => due)).size);
      for (const [index, { one, due }] of asleep.entries()) {
        if (sleepers[index]?.cancelled === true) metronome.cancel(due, one);
      }
      const kept = [...sleepers.keys()].filter((index) => sleepers[index]?.cancelled === false);
      expect(clock.pending()).toBe(new Set(kept.map((index) => asleep[index]?.due)).size);
      while (clock.runNext());
      expect(woken.toSorted((one, other) => one - other)).toEqual(kept);
    }),
  );
});

it('[REH7] one that sleeps again when it is woken waits for its next time', () => {
  const clock = createManualClock(0);
  const metronome = new Metronome(clock);
  const times: number[] = [];
  const sleeper = {
    wake() {
      times.push(clock.now());
      if (times.length < 4) metronome.sleep(times.length === 2 ? 0 : 5, sleeper);
    },
  };
  metronome.sleep(5, sleeper);
  while (clock.runNext());
  expect(times).toEqual([5, 10, 10, 15]);
});
