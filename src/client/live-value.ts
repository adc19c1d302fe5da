/** A value that changes: read it, subscribe to its changes, or iterate over them. */

export type LiveValue<Value> = AsyncIterable<Value> & {
  readonly value: Value;
  /** Calls `listen` at each change, but not at once. Returns a function that ends the subscription. */
  readonly subscribe: (listen: (value: Value) => void) => () => void;
};

/**
 * The writing side. An iterator starts with the present value and skips values that it was too slow for, so it never
 * lags or queues. It ends when the value is ended.
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

  /** Does nothing when the value is the same. A listener that throws does not stop the others from being called. */
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

  /** A live value computed from this one, until `end` is called or this one ends. */
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

/** An error in the application's callback surfaces as an uncaught error; it does not interrupt the library. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
