/**
 * Keeps the journal from growing without limit: at start and then every hour, old events are deleted in small steps
 * with pauses between them, so that even a journal neglected for long never holds up the hot path (SPEC [JRN20]).
 */
import type { Clock, Log, Retention } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export type RetentionRoundsOptions = {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Log;
  /** How long events are kept; 0: without limit, and nothing is deleted. */
  readonly keepMs: Milliseconds;
};

/**
 * Begins the first round at once; returns a function that ends the rounds. A failed round is tried again after an
 * hour.
 */
export function startRetentionRounds({ retention, clock, log, keepMs }: RetentionRoundsOptions): () => void {
  if (keepMs === 0) return () => {};
  let stopped = false;
  let cancelTimer = () => {};

  const pause = (delay: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelTimer = clock.after(delay, resolve);
    });
  /** Takes steps until nothing is left to do; returns how many it took. */
  const steps = async (step: () => Promise<boolean>): Promise<number> => {
    for (let taken = 1; ; taken++) {
      if (stopped || !(await step())) return taken;
      await pause(limits.retentionPauseMs);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        // In this order, so that rows stay one round longer than the range that promises them.
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
