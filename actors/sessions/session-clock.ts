/**
 * The clock port as XState wants it, for the actors of one session: their delays go by the same clock as everything
 * else, and a timer that runs out is a cause.
 */
import type { ActorOptions, AnyActorLogic } from 'xstate';
import type { SessionCauses } from '../causes/session-causes.ts';
import type { Clock } from '../ports.ts';

export type MachineClock = NonNullable<ActorOptions<AnyActorLogic>['clock']>;

export function sessionClock(clock: Clock, causes: SessionCauses): MachineClock {
  return {
    setTimeout: (run, delay) => {
      const timer = causes.timerSet();
      return clock.after(delay, () => {
        causes.timerFired(timer, clock.now());
        run();
      });
    },
    clearTimeout: cancelTimer,
  };
}

/** One for all sessions: there are many. */
function cancelTimer(cancel: () => void): void {
  cancel();
}
