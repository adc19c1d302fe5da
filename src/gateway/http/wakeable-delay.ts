/** A delay that can be ended early: for a response that is slow to take what it is given. */
import type { Clock } from '../../../actors/ports.ts';

export type WakeableDelay = {
  /** Resolves after `ms`, or when `wake` is called. One call at a time. */
  readonly wait: (ms: number) => Promise<void>;
  /** Nothing, when nobody waits. */
  readonly wake: () => void;
};

export function wakeableDelay(after: Clock['after']): WakeableDelay {
  let wake = () => {};
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const cancel = after(ms, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      }),
    wake: () => wake(),
  };
}
