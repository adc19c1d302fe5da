/**
 * How often the text of a streaming answer is checkpointed. A checkpoint costs the journal about 25 µs
 * (docs/hot-path.md), so that with many answers at once the interval grows with their number: all together never ask
 * for more than one per `limits.checkpointSpacingMs`, until the longest interval is reached.
 */
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export class CheckpointPace {
  #streams = 0;

  /** One more model call streams; returns what says that it has ended. */
  begin(): () => void {
    this.#streams++;
    return () => {
      this.#streams--;
    };
  }

  get intervalMs(): Milliseconds {
    const shared = this.#streams * limits.checkpointSpacingMs;
    return Math.min(limits.checkpointIntervalMsMax, Math.max(limits.checkpointIntervalMs, shared));
  }
}
