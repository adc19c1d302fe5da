/**
 * How often the text of a streaming answer is checkpointed. A checkpoint costs the journal about 25 µs
 * (docs/hot-path.md), so the interval grows with the number of streaming answers: together they ask for at most one
 * checkpoint per `limits.checkpointSpacingMs`, until the longest interval is reached.
 */
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export class CheckpointPace {
  #streams = 0;

  /** Counts one more streaming model call; returns a function that ends it. */
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
