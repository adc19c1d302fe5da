/** A value that changes: read it, be called when it changes, or iterate over it. */

export type LiveValue<Value> = AsyncIterable<Value> & {
  readonly value: Value;
  /** Calls `listen` at each change, not at once. Returns what ends that. */
  readonly subscribe: (listen: (value: Value) => void) => () => void;
};

/**
 * The writing side. An iterator begins with the value of now and skips what it was too slow for, so it never lags and
 * never queues; it ends when the value is ended.
 */
export class LiveCell<Value> implements LiveValue<Value> {
  #value: Value;
  #ended = false;
  readonly #listeners = new Set<(value: Value) => void>();
  readonly #enders = new Set<() => void>();
  #changed: (() => void)[] = [];

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  /** Nothing happens when it is the same value. A listener that throws does not keep the others from hearing. */
  set(value: Value): void {
    if (this.#ended || Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listen of [...this.#listeners]) quietly(() => listen(value));
    this.#wake();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listeners.clear();
    for (const end of this.#enders) end();
    this.#enders.clear();
    this.#wake();
  }

  /** A value that shows some of this one, until `end` is called or this one ends. */
  derived<Part>(select: (value: Value) => Part): { readonly part: LiveCell<Part>; readonly end: () => void } {
    const part = new LiveCell(select(this.#value));
    const unsubscribe = this.subscribe((value) => part.set(select(value)));
    const end = () => {
      unsubscribe();
      this.#enders.delete(end);
      part.end();
    };
    if (this.#ended) end();
    else this.#enders.add(end);
    return { part, end };
  }

  subscribe(listen: (value: Value) => void): () => void {
    const entry = (value: Value) => listen(value);
    if (!this.#ended) this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, void> {
    let shown: { readonly value: Value } | undefined;
    for (;;) {
      while (shown !== undefined && Object.is(shown.value, this.#value)) {
        if (this.#ended) return;
        await new Promise<void>((resolve) => this.#changed.push(resolve));
      }
      shown = { value: this.#value };
      yield shown.value;
    }
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resume of waiting) resume();
  }
}

/** An error of the application's callback is the application's: it surfaces as uncaught, outside of our work. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
