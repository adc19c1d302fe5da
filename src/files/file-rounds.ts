/**
 * Deletes files to which no message refers (SPEC [FIL20]), and once after each start bytes that a crash left without a
 * row ([FIL18]): in small steps with pauses between them, so that neither holds up the hot path.
 */
import type { StoredFiles } from '../../actors/files/stored-files.ts';
import type { Clock, Log } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export type FileRoundsOptions = {
  readonly files: Pick<StoredFiles, 'collect' | 'removeOrphans'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a file is kept to which no message refers. */
  readonly graceMs: Milliseconds;
};

/** Begins at once; returns a function that ends the rounds. A failed round is tried again at the next one's time. */
export function startFileRounds({ files, clock, log, graceMs }: FileRoundsOptions): () => void {
  const startedAt = clock.now();
  const intervalMs = Math.min(limits.fileRoundMsMax, graceMs);
  let stopped = false;
  let cancelTimer = () => {};
  let orphansAreGone = false;

  const pause = (delay: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelTimer = clock.after(delay, resolve);
    });
  const round = async (): Promise<void> => {
    if (!orphansAreGone) {
      const removed = await files.removeOrphans(startedAt, () => pause(limits.fileRoundPauseMs));
      orphansAreGone = true;
      if (removed > 0) log.info('Files without a row were removed', { files: removed });
    }
    for (let after: number | null = 0; after !== null && !stopped; ) {
      after = await files.collect(after, graceMs);
      if (after !== null) await pause(limits.fileRoundPauseMs);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await round();
      } catch (error) {
        if (stopped) return;
        log.warn('Unused files could not be deleted; the next round tries again', { error });
      }
      if (!stopped) await pause(intervalMs);
    }
  };
  void run();
  return () => {
    stopped = true;
    cancelTimer();
  };
}
