/**
 * How long pieces of text may wait to leave together: little while the process has time, more as it runs short of it.
 *
 * What leaves for one reader costs a system call, about 10 µs, however many pieces are in it. So waiting buys
 * throughput: when the event loop is busy for more than half of the time the interval grows, up to
 * `limits.streamFlushBusyMs`, and shrinks again with the load ([V1A8], docs/hot-path.md).
 */
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

/** Up to this share of busy time the interval is the configured one … */
const calmShare = 0.5;
/** … and from this one on the longest. */
const fullShare = 0.9;
/** How much the newest look at the load counts: a single long tick does not change the pace much, a few do. */
const newestWeight = 0.25;

/**
 * The flush interval at a load: `share` of the time busy, 0 to 1. Grows with it, from `configuredMs` to the greater of
 * that and `limits.streamFlushBusyMs`. 0 stays 0: who configured it wants each tick to leave by itself.
 */
export function flushIntervalAt(share: number, configuredMs: Milliseconds): Milliseconds {
  if (configuredMs === 0) return 0;
  const longest = Math.max(configuredMs, limits.streamFlushBusyMs);
  const excess = Math.min(1, Math.max(0, (share - calmShare) / (fullShare - calmShare)));
  return configuredMs + excess * (longest - configuredMs);
}

export class FlushPace {
  readonly #configuredMs: Milliseconds;
  readonly #busyShare: () => number;
  #smoothed = 0;
  #intervalMs: Milliseconds;

  /** `busyShare`: of the time since it was last asked, how much the event loop was busy, 0 to 1. */
  constructor(configuredMs: Milliseconds, busyShare: () => number) {
    this.#configuredMs = configuredMs;
    this.#busyShare = busyShare;
    this.#intervalMs = configuredMs;
  }

  get intervalMs(): Milliseconds {
    return this.#intervalMs;
  }

  /** To be called at each flush. */
  look(): void {
    this.#smoothed += newestWeight * (this.#busyShare() - this.#smoothed);
    this.#intervalMs = flushIntervalAt(this.#smoothed, this.#configuredMs);
  }
}
