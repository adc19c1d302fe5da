/**
 * Purges old traces (SPEC [TRC16]): at start and then every hour, in small steps with pauses between them, so that the
 * hot path is never held up.
 */
import type { Clock, Log } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export type TracePurgeRoundsOptions = {
  /** Purges some traces that ended before a time; resolves with whether more are left. */
  readonly purge: (before: Milliseconds) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long traces are kept after their end; 0: without limit, and nothing is purged. */
  readonly keepMs: Milliseconds;
};

/** Begins at once; returns a function that ends the rounds. A failed round is tried again after an hour. */
export function startTracePurgeRounds({ purge, clock, log, keepMs }: TracePurgeRoundsOptions): () => void {
  if (keepMs === 0) return () => {};
  let stopped = false;
  let cancelTimer = () => {};
  const pause = (delay: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelTimer = clock.after(delay, resolve);
    });
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        while (!stopped && (await purge(clock.now() - keepMs))) await pause(limits.retentionPauseMs);
      } catch (error) {
        if (stopped) return;
        log.warn('Old traces could not be purged; the next round tries again', { error });
      }
      if (!stopped) await pause(limits.retentionIntervalMs);
    }
  };
  void run();
  return () => {
    stopped = true;
    cancelTimer();
  };
}
