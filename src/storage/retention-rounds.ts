/**
 * Keeps the journal from growing for ever: at once and then every hour, events that are too old are forgotten in
 * small steps with pauses between them, so that a long-neglected journal never holds up the hot path (SPEC [JRN20]).
 */
import type { Clock, Log, Retention } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export type RetentionRoundsOptions = {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Log;
  /** How long events are kept; 0: for ever, and nothing is done. */
  readonly keepMs: Milliseconds;
};

/** Begins the first round at once; returns what ends them. A round that fails is tried again after an hour. */
export function startRetentionRounds({ retention, clock, log, keepMs }: RetentionRoundsOptions): () => void {
  if (keepMs === 0) return () => {};
  let stopped = false;
  let cancelTimer = () => {};

  const pause = (delay: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelTimer = clock.after(delay, resolve);
    });
  /** Takes steps until there is no more to do; how many it took. */
  const steps = async (step: () => Promise<boolean>): Promise<number> => {
    for (let taken = 1; ; taken++) {
      if (stopped || !(await step())) return taken;
      await pause(limits.retentionPauseMs);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        // In this order, so that rows outlive the range that promised them by a round.
        const swept = await steps(() => retention.sweep());
        const forgotten = await steps(() => retention.forget(clock.now() - keepMs));
        log.debug('Old events were forgotten', { swept, forgotten });
      } catch (error) {
        if (stopped) return;
        log.warn('Old events could not be forgotten; the next round tries again', { error });
      }
      await pause(limits.retentionIntervalMs);
    }
  };
  void run();
  return () => {
    stopped = true;
    cancelTimer();
  };
}
