/**
 * Goal: of one key, exactly as many may happen in a minute as are allowed, and other keys are not affected. Method: keys
 * and pauses in any order, against a model that counts windows; the library's time is the tests' fake time.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Rate } from '../../../../src/gateway/limits/rate.ts';

const clock = { now: () => Date.now() };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Between two requests microtasks run, as between two callbacks of the transport. */
const turn = () => Promise.resolve().then(() => Promise.resolve());

it('[LIM20] each key may do as much as allowed in each of its minutes, and is told how long to wait', async () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    pauseMs: fc.constantFrom(0, 1, 20_000, 60_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 40 }),
      async (max, steps) => {
        const rate = new Rate({ clock });
        const windows = new Map<string, { readonly end: number; used: number }>();
        for (const { key, pauseMs } of steps) {
          vi.advanceTimersByTime(pauseMs);
          const now = Date.now();
          const known = windows.get(key);
          const window = known === undefined || known.end <= now ? { end: now + 60_000, used: 0 } : known;
          windows.set(key, window);
          const isOver = window.used >= max;
          if (!isOver) window.used++;
          const wait = rate.take(key, max);
          await turn();
          expect(wait).toBe(isOver ? window.end - now : null);
          expect(rate.wait(key, max) === null).toBe(window.used < max);
        }
      },
    ),
  );
});

it('0 is no bound', async () => {
  const rate = new Rate({ clock });
  for (let count = 0; count < 100; count++) expect(rate.take('a', 0)).toBeNull();
});

it('counts networks when there are too many keys, so that memory is bounded', async () => {
  const rate = new Rate({ clock, keysMax: 3, widened: (key) => key.slice(0, 1) });
  for (const key of ['a1', 'a2', 'a3', 'a4', 'a5']) {
    expect(rate.take(key, 2)).toBeNull();
    await turn();
  }
  // a4 and a5 used up what `a` has together.
  expect(rate.take('a6', 2)).not.toBeNull();
  expect(rate.take('b1', 2)).toBeNull();
  vi.advanceTimersByTime(180_000);
  for (const key of ['a4', 'a5', 'a6']) {
    expect(rate.take(key, 2)).toBeNull();
    await turn();
  }
});
