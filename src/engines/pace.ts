/**
 * The pace of the rehearsal engine: parts leave one delay apart, and stop at once when aborted (SPEC [REH7]).
 *
 * An iterator by hand, not an async generator: with a thousand streams at once, a generator's promises and one abort
 * listener per part cost more than everything behind them (docs/hot-path.md).
 */
import type { Clock } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Metronome, Sleeper } from './metronome.ts';

/** Without a delay, parts sent before the event loop gets a turn. */
const partsPerTurn = 64;
/** A consumer that was slower than this many delays does not get the missed parts in one burst. */
const catchUpDelaysMax = 10;

export type PaceOptions<Part> = {
  readonly parts: Iterable<Part>;
  readonly clock: Clock;
  /** Of the same clock. */
  readonly metronome: Metronome;
  readonly delayMs: Milliseconds;
  readonly signal: AbortSignal;
};

/**
 * Yields `parts`, `delayMs` apart on average: each has a due time, so late timers do not add up. The first one is
 * due at once. Ends without another part soon after `signal` aborts, pending delays included.
 */
export function paced<Part>(options: PaceOptions<Part>): AsyncIterable<Part> {
  return { [Symbol.asyncIterator]: () => new PacedParts(options) };
}

type Answer<Part> = (result: IteratorResult<Part, void>) => void;

class PacedParts<Part> implements AsyncIterator<Part, void>, Sleeper {
  readonly #options: PaceOptions<Part>;
  readonly #parts: Iterator<Part>;
  #sent = 0;
  /** When the newest part was due. */
  #due: Milliseconds;
  #ended = false;
  /** Who waits for the next part, what it is, and for which beat it waits, if for one. */
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

  /** To be called when the last call has been answered. */
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

  /** Moves the due time on by one delay; returns how long it is until then. */
  #untilDue(): Milliseconds {
    const { clock, delayMs } = this.#options;
    const now = clock.now();
    const due = Math.max(this.#due + delayMs, now - catchUpDelaysMax * delayMs);
    // A clock that stepped back must not stretch a pause.
    this.#due = Math.min(due, now + delayMs);
    return this.#due - now;
  }
}
