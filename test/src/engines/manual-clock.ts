/** A clock whose time moves from timer to timer when the test says so; `soon` is the event loop's. */
import type { Clock } from '../../../actors/ports.ts';

export type ManualClock = Clock & {
  /** Runs the next timer, moving time to it; false when there is none. */
  readonly runNext: () => boolean;
  readonly step: (ms: number) => void;
  readonly pending: () => number;
};

export function createManualClock(start = Date.UTC(2026, 10, 23, 12, 34, 56, 789)): ManualClock {
  let now = start;
  let timers: { readonly due: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after: (delay, run) => {
      const timer = { due: now + delay, run };
      timers.push(timer);
      timers.sort((a, b) => a.due - b.due);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    soon: (run) => {
      setImmediate(run);
    },
    runNext: () => {
      const timer = timers.shift();
      if (timer === undefined) return false;
      now = Math.max(now, timer.due);
      timer.run();
      return true;
    },
    step: (ms) => {
      now += ms;
    },
    pending: () => timers.length,
  };
}
