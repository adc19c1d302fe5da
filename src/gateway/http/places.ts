/** A bounded number of things that go on at the same time, because each needs memory until it is over. */
export class Places {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` in a place of its own, or returns `full` at once. */
  async take<Value, Full>(work: () => Promise<Value>, full: Full): Promise<Value | Full> {
    if (this.#taken >= this.#most) return full;
    this.#taken++;
    try {
      return await work();
    } finally {
      this.#taken--;
    }
  }
}
