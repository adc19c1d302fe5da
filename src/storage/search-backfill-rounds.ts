/** Lets {@link SearchBackfill} work in the background until nothing is left. */
import type { Clock, Log } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { SearchBackfill } from './sql/search-backfill.ts';

export type SearchBackfillOptions = {
  readonly step: SearchBackfill;
  readonly clock: Clock;
  readonly log: Log;
};

/** Begins at once; returns a function that ends it. A failed step is tried again later; the next start goes on, too. */
export function startSearchBackfill({ step, clock, log }: SearchBackfillOptions): () => void {
  let stopped = false;
  let cancelTimer = () => {};
  let steps = 0;
  const run = async (): Promise<void> => {
    if (stopped) return;
    try {
      if (!(await step())) {
        if (steps > 0) log.info('All old messages can be searched now', { steps });
        return;
      }
      if (steps === 0) log.info('Old messages are being made searchable, in the background');
      steps++;
      cancelTimer = clock.after(limits.searchBackfillPauseMs, () => void run());
    } catch (error) {
      if (stopped) return;
      log.warn('Old messages could not be made searchable; it is tried again', { error });
      cancelTimer = clock.after(limits.retentionIntervalMs, () => void run());
    }
  };
  void run();
  return () => {
    stopped = true;
    cancelTimer();
  };
}
