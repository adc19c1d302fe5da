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
  readonly #parts: { readonly end: () => void }[] = [];
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
    this.wake();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listeners.clear();
    for (const part of this.#parts) part.end();
    this.wake();
  }

  /** A live value computed from this one, which ends with this one. */
  derived<Part>(select: (value: Value) => Part): LiveCell<Part> {
    const part = new LiveCell(select(this.#value));
    if (this.#ended) {
      part.end();
    } else {
      this.#listeners.add((value) => part.set(select(value)));
      this.#parts.push(part);
    }
    return part;
  }

  /** This value for one reader, who may leave while others stay. */
  reader(): LiveReader<Value> {
    return new LiveReader(this);
  }

  subscribe(listen: (value: Value) => void): () => void {
    const entry = (value: Value) => listen(value);
    if (!this.#ended) this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Value, void, void> {
    return this.values(() => false);
  }

  /**
   * As iterating does, until the value is ended or the reader `hasLeft`: an iterator that has not shown the newest
   * value yet shows it once more. Call `wake` when the reader leaves.
   */
  async *values(hasLeft: () => boolean): AsyncGenerator<Value, void, void> {
    let shown: { readonly value: Value } | undefined;
    for (;;) {
      const isOver = this.#ended || hasLeft();
      if (shown === undefined || !Object.is(shown.value, this.#value)) {
        shown = { value: this.#value };
        yield shown.value;
      } else if (!isOver) {
        await new Promise<void>((resolve) => this.#changed.push(resolve));
      }
      if (isOver) return;
    }
  }

  /** Lets every iterator that waits look again. */
  wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resume of waiting) resume();
  }
}

/** Reads a cell that others read too. It keeps no value: leaving ends its own iterators and subscriptions alone. */
export class LiveReader<Value> implements LiveValue<Value> {
  readonly #cell: LiveCell<Value>;
  readonly #subscriptions = new Set<() => void>();
  #hasLeft = false;

  constructor(cell: LiveCell<Value>) {
    this.#cell = cell;
  }

  get value(): Value {
    return this.#cell.value;
  }

  subscribe(listen: (value: Value) => void): () => void {
    if (this.#hasLeft) return () => {};
    const unsubscribe = this.#cell.subscribe(listen);
    const end = () => {
      unsubscribe();
      this.#subscriptions.delete(end);
    };
    this.#subscriptions.add(end);
    return end;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Value, void, void> {
    return this.#cell.values(() => this.#hasLeft);
  }

  leave(): void {
    this.#hasLeft = true;
    for (const end of [...this.#subscriptions]) end();
    this.#cell.wake();
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
