/**
 * The pace of the rehearsal engine: parts are sent one delay apart, and stop at once when aborted (SPEC [REH7]).
 *
 * An iterator by hand, not an async generator: with a thousand streams at once, a generator's promises and one abort
 * listener per part cost more than everything behind them (docs/hot-path.md).
 */
import type { Clock } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Metronome, Sleeper } from './metronome.ts';

/** Without a delay, how many parts are sent before the event loop gets a turn. */
const partsPerTurn = 64;
/** A consumer that was slower than this many delays does not get all missed parts in one burst. */
const catchUpDelaysMax = 10;

export type PaceOptions<Part> = {
  readonly parts: Iterable<Part>;
  readonly clock: Clock;
  /** Must use the same clock. */
  readonly metronome: Metronome;
  readonly delayMs: Milliseconds;
  readonly signal: AbortSignal;
};

/**
 * Yields `parts`, on average `delayMs` apart: each part has a due time, so late timers do not add up. The first is
 * due at once. Ends soon after `signal` aborts, without another part, even during a delay.
 */
export function paced<Part>(options: PaceOptions<Part>): AsyncIterable<Part> {
  return { [Symbol.asyncIterator]: () => new PacedParts(options) };
}

type Answer<Part> = (result: IteratorResult<Part, void>) => void;

class PacedParts<Part> implements AsyncIterator<Part, void>, Sleeper {
  readonly #options: PaceOptions<Part>;
  readonly #parts: Iterator<Part>;
  #sent = 0;
  /** The due time of the newest part. */
  #due: Milliseconds;
  #ended = false;
  /** The consumer's pending `next`, the part that answers it, and the beat for which that part waits, if any. */
  #answer: Answer<Part> | undefined;
  #next: IteratorResult<Part, void> = { done: true, value: undefined };
  #beat: Milliseconds | undefined;

  constructor(options: PaceOptions<Part>) {
    this.#options = options;
    this.#parts = options.parts[Symbol.iterator]();
    this.#due = options.clock.now();
    if (options.signal.aborted) this.#ended = true;
    else options.signal.addEventListener('abort', this.#end, { once: true });
  }

  /** Call it only when the previous call was answered. */
  next(): Promise<IteratorResult<Part, void>> {
    if (this.#ended) return this.return();
    const next = this.#parts.next();
    if (next.done === true) return this.return();
    const { clock, delayMs, metronome } = this.#options;
    const sent = this.#sent++;
    if (sent === 0) return Promise.resolve(next);
    if (delayMs > 0) {
      const wait = this.#untilDue();
      if (wait <= 0) return Promise.resolve(next);
      this.#next = next;
      this.#beat = metronome.sleep(wait, this);
    } else {
      if (sent % partsPerTurn !== 0) return Promise.resolve(next);
      this.#next = next;
      clock.soon(() => this.wake());
    }
    return new Promise(this.#wait);
  }

  return(): Promise<IteratorResult<Part, void>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  wake(): void {
    this.#beat = undefined;
    this.#answer?.(this.#next);
    this.#answer = undefined;
  }

  readonly #wait = (answer: Answer<Part>): void => {
    this.#answer = answer;
  };

  readonly #end = (): void => {
    const { signal, metronome } = this.#options;
    this.#ended = true;
    signal.removeEventListener('abort', this.#end);
    if (this.#beat !== undefined) metronome.cancel(this.#beat, this);
    this.#next = { done: true, value: undefined };
    this.wake();
  };

  /** Advances the due time by one delay; returns how long it is until then. */
  #untilDue(): Milliseconds {
    const { clock, delayMs } = this.#options;
    const now = clock.now();
    const due = Math.max(this.#due + delayMs, now - catchUpDelaysMax * delayMs);
    // A clock that stepped back must not lengthen a pause.
    this.#due = Math.min(due, now + delayMs);
    return this.#due - now;
  }
}
