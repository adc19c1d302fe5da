/** The machine's clock and timers, as the actors' {@link Clock} port. */
import type { Clock } from '../actors/ports.ts';

/** The longest delay of one `setTimeout`, ms; Node fires at once when asked for more. */
const timerDelayMsMax = 2 ** 31 - 1;

/** Delays over {@link timerDelayMsMax} (24.8 days) are shortened to it; negative and `NaN` ones count as 0. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay > 0 ? Math.min(delay, timerDelayMsMax) : 0);
    return () => clearTimeout(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};

/** The same loop with time for measuring: it never steps, and has fractions of ms. */
export const measuringClock: Pick<Clock, 'now' | 'soon'> = {
  now: () => performance.now(),
  soon: systemClock.soon,
};
