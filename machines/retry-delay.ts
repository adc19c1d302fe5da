/** How long to wait before a model call is tried again. */
import { limits } from '../schema/limits.ts';
import type { Milliseconds } from '../schema/timestamp.ts';

/**
 * Doubles with each failure; half of it is random, so that calls that failed together are not retried together. A
 * provider that asks for more time gets it. `failures` counts from 1; `jitter` is from 0 up to 1.
 */
export function retryDelay(
  failures: number,
  jitter: number,
  retryAfterMs: Milliseconds | undefined,
): Milliseconds {
  const backoff = Math.min(limits.modelRetryMsMax, limits.modelRetryMs * 2 ** (failures - 1));
  const delay = Math.round(backoff / 2 + (backoff / 2) * jitter);
  return retryAfterMs === undefined
    ? delay
    : Math.max(delay, Math.round(retryAfterMs + jitter * limits.modelRetryMs));
}
