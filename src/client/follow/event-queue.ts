/** A bounded queue of the items that an async iterator has not taken yet. */

export class EventQueue<Item> implements AsyncIterableIterator<Item, void, void> {
  readonly #itemsMax: number;
  readonly #overflow: () => Item;
  readonly #finished: () => void;
  #items: Item[] = [];
  #waiting: ((result: IteratorResult<Item, void>) => void)[] = [];
  #ended = false;

  /**
   * Beyond `itemsMax` items, all waiting items are dropped, and one item made by `overflow` takes their place.
   * `finished` is called once, when the reader has left or the queue was ended.
   */
  constructor(itemsMax: number, on: { readonly overflow: () => Item; readonly finished: () => void }) {
    this.#itemsMax = itemsMax;
    this.#overflow = on.overflow;
    this.#finished = on.finished;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const resume = this.#waiting.shift();
    if (resume !== undefined) resume({ done: false, value: item });
    else if (this.#items.length < this.#itemsMax) this.#items.push(item);
    else this.#items = [this.#overflow(), item];
  }

  /** Ends the queue; items that wait can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const resume of this.#waiting) resume({ done: true, value: undefined });
    this.#waiting = [];
    this.#finished();
  }

  next(): Promise<IteratorResult<Item, void>> {
    const [item] = this.#items;
    if (item !== undefined) {
      this.#items.shift();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Item, void>> {
    this.#items = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
