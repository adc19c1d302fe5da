/** Notices when a stream has fallen silent. It checks from time to time instead of setting a timer per piece. */
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Clock } from '../ports.ts';

/** How many checks are made within the allowed silence. */
const looksPerSilence = 4;

/**
 * Calls `onSilence` once when `heard` has returned the same value for `silenceMs`, or up to a quarter longer; every
 * change of the value counts as a sign of life. Returns a function that ends the watch.
 */
export function watchSilence(
  clock: Clock,
  silenceMs: Milliseconds,
  heard: () => number,
  onSilence: () => void,
): () => void {
  let last = heard();
  let quietLooks = 0;
  let cancel = () => {};
  const look = () => {
    const now = heard();
    quietLooks = now === last ? quietLooks + 1 : 0;
    last = now;
    if (quietLooks >= looksPerSilence) onSilence();
    else cancel = clock.after(Math.ceil(silenceMs / looksPerSilence), look);
  };
  cancel = clock.after(Math.ceil(silenceMs / looksPerSilence), look);
  return () => cancel();
}
