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
 * Somewhere from 0 to `firstMs × 2^attempt`, at most `maxMs`, after what the server asked to wait; in whole ms. Those that
 * wait for the same moment are spread after it.
 *
 * @param attempt 0 for the first wait.
 * @param random From 0 to, excluding, 1.
 * @param askedMs What the server asked to wait, ms.
 */
export function backoffMs(
  attempt: number,
  random: number,
  { firstMs, maxMs }: Backoff,
  askedMs: number = 0,
): number {
  const spread = Math.floor(random * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30)));
  return Math.min(timerMsMax, Math.ceil(askedMs) + spread);
}

/** Timers of browsers and Node take no more. */
const timerMsMax = 2_147_483_647;
