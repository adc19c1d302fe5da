/** The clock port as XState wants it: delays of machines go by the same clock as everything else. */
import type { ActorOptions, AnyActorLogic } from 'xstate';
import type { Clock } from '../ports.ts';

export type MachineClock = NonNullable<ActorOptions<AnyActorLogic>['clock']>;

export function machineClock(clock: Clock): MachineClock {
  return {
    setTimeout: (run, delay) => clock.after(delay, run),
    clearTimeout: (cancel: () => void) => cancel(),
  };
}
