/** How long to wait before trying again: exponential, with full jitter, so that a thousand clients do not return at once. */

export type Backoff = {
  /** Bound of the first wait, ms. */
  readonly firstMs: number;
  /** Bound of every wait, ms. */
  readonly maxMs: number;
};

/** 0.5 s, doubling to 30 s. */
export const backoffDefault: Backoff = { firstMs: 500, maxMs: 30_000 };

/**
 * Somewhere from 0 to `firstMs × 2^attempt`, at most `maxMs`, in whole ms.
 *
 * @param attempt 0 for the first wait.
 * @param random From 0 to, excluding, 1.
 */
export function backoffMs(attempt: number, random: number, { firstMs, maxMs }: Backoff): number {
  return Math.floor(random * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30)));
}
