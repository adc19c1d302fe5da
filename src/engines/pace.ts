/** The pace of the rehearsal engine: parts leave one delay apart, and stop at once when aborted (SPEC [REH7]). */
import type { Clock } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

/** Without a delay, parts sent before the event loop gets a turn. */
const partsPerTurn = 64;
/** A consumer that was slower than this many delays does not get the missed parts in one burst. */
const catchUpDelaysMax = 10;

/**
 * Yields `parts`, `delayMs` apart on average: each has a due time, so late timers do not add up. The first one is
 * due at once. Ends without another part soon after `signal` aborts, pending delays included.
 */
export async function* paced<Part>(options: {
  readonly parts: Iterable<Part>;
  readonly clock: Clock;
  readonly delayMs: Milliseconds;
  readonly signal: AbortSignal;
}): AsyncGenerator<Part, void, void> {
  const { parts, clock, delayMs, signal } = options;
  let due = clock.now();
  let sent = 0;
  for (const part of parts) {
    if (sent > 0 && delayMs > 0) {
      const now = clock.now();
      due = Math.max(due + delayMs, now - catchUpDelaysMax * delayMs);
      // A clock that stepped back must not stretch a pause.
      due = Math.min(due, now + delayMs);
      const wait = due - now;
      if (wait > 0) await pause(signal, (done) => clock.after(wait, done));
    } else if (sent > 0 && sent % partsPerTurn === 0) {
      await pause(signal, (done) => {
        clock.soon(done);
        return undefined;
      });
    }
    if (signal.aborted) return;
    yield part;
    sent++;
  }
}

/** Resolves when `begin` calls back or `signal` aborts, whichever is first; leaves no timer and no listener. */
function pause(signal: AbortSignal, begin: (done: () => void) => (() => void) | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const onAbort = () => {
      cancel?.();
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const cancel = begin(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
