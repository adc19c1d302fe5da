/**
 * How long pieces of text may wait to be sent together: not at all while the process has time, longer under load.
 *
 * Sending to one reader costs a system call, about 10 µs, however many pieces it carries. So waiting increases
 * throughput, and costs latency. It pays only when the event loop is busy for more than half of the time; then the
 * interval grows with the load, up to the latency that the operator allows ([V1A8], [V1A9], docs/hot-path.md).
 */
import type { Milliseconds } from '../../../schema/timestamp.ts';

/** Up to this share of busy time nothing waits. */
const calmShare = 0.5;
/** From this share of busy time on pieces wait as long as they may. */
const fullShare = 0.9;
/** The load is measured over at least this time, ms: the share of a single tick says nothing. */
const measuredMsMin = 10;
/** The weight of the newest measurement: a single long tick changes the pace little, several change it much. */
const newestWeight = 0.25;

/**
 * The time between two flushes of pieces, ms, for a load: `share` is the busy share of the time, 0 to 1; `longestMs` the
 * longest that a piece may wait.
 */
export function flushIntervalAt(share: number, longestMs: Milliseconds): Milliseconds {
  return longestMs * Math.min(1, Math.max(0, (share - calmShare) / (fullShare - calmShare)));
}

export class FlushPace {
  readonly #longestMs: Milliseconds;
  readonly #busyShare: () => number;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #smoothed = 0;
  #intervalMs: Milliseconds = 0;

  /** `busyShare` returns the event loop's busy share of the time since the previous call, 0 to 1. */
  constructor(longestMs: Milliseconds, busyShare: () => number) {
    this.#longestMs = longestMs;
    this.#busyShare = busyShare;
  }

  get intervalMs(): Milliseconds {
    return this.#intervalMs;
  }

  /** Measures the load, unless that was done just before. Call it at each flush. */
  look(now: Milliseconds): void {
    // A wall clock may step back; then it is measured at once.
    if (Math.abs(now - this.#measuredAt) < measuredMsMin) return;
    this.#measuredAt = now;
    this.#smoothed += newestWeight * (this.#busyShare() - this.#smoothed);
    this.#intervalMs = flushIntervalAt(this.#smoothed, this.#longestMs);
  }
}
