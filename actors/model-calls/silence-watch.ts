/** Notices that nothing comes any more, without a timer per piece: it looks now and then whether anything has come. */
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Clock } from '../ports.ts';

/** How many looks make up the silence that is allowed. */
const looksPerSilence = 4;

/**
 * Calls `onSilence` once when `heard` has said the same for `silenceMs`, or up to a quarter longer. Whoever changes
 * what `heard` says is alive. Returns what stops the watch.
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
