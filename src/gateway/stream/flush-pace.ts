/**
 * How long pieces of text may wait to be sent together: briefly while the process has time, longer under load.
 *
 * Sending to one reader costs a system call, about 10 µs, however many pieces it carries. So waiting increases
 * throughput: when the event loop is busy for more than half of the time, the interval grows, up to
 * `limits.streamFlushBusyMs`, and shrinks again with the load ([V1A8], docs/hot-path.md).
 */
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

/** Up to this share of busy time the configured interval applies. */
const calmShare = 0.5;
/** From this share of busy time on the longest interval applies. */
const fullShare = 0.9;
/** The weight of the newest measurement: a single long tick changes the pace little, several change it much. */
const newestWeight = 0.25;

/**
 * The flush interval for a load: `share` is the busy share of the time, 0 to 1. The interval grows with it, from
 * `configuredMs` to the greater of that and `limits.streamFlushBusyMs`. A configured 0 stays 0: the operator wants
 * each tick to be sent by itself.
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

  /** `busyShare` returns the event loop's busy share of the time since the previous call, 0 to 1. */
  constructor(configuredMs: Milliseconds, busyShare: () => number) {
    this.#configuredMs = configuredMs;
    this.#busyShare = busyShare;
    this.#intervalMs = configuredMs;
  }

  get intervalMs(): Milliseconds {
    return this.#intervalMs;
  }

  /** Measures the load. Call it at each flush. */
  look(): void {
    this.#smoothed += newestWeight * (this.#busyShare() - this.#smoothed);
    this.#intervalMs = flushIntervalAt(this.#smoothed, this.#configuredMs);
  }
}
