/**
 * A lane: emissions of one session that wait, in order, for the commits before them (I1, I2).
 *
 * An event that must be durable blocks everything behind it until its commit; any other emission passes as soon as it
 * is at the head. A session with nothing uncommitted has no lane at all, so streaming text costs one map look-up.
 */

export type LaneEntry = {
  /** False while the journal has not committed it. */
  ready: boolean;
  /** About how many bytes the entry holds while it waits; 0 where they are counted elsewhere. */
  readonly bytes: number;
  /** Publishes the emission, or sends the reply. Called once, in lane order. */
  deliver: () => void;
  /** Present on an emission that means nothing without an earlier one, such as text without its message. */
  readonly continues?: true;
};

export class Lane {
  #entries: LaneEntry[] = [];
  #head = 0;
  #bytes = 0;

  /** How many bytes the waiting entries hold. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: LaneEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  /**
   * The entries that are not ready never will be: drops them, and the entries that continue them. Delivers nothing
   * yet.
   */
  giveUp(): void {
    for (const entry of this.#entries.slice(this.#head)) {
      if (!entry.ready || entry.continues) entry.deliver = () => {};
      entry.ready = true;
    }
  }

  /** Delivers from the head up to the first entry that is not ready. */
  drain(): void {
    for (;;) {
      const entry = this.#entries[this.#head];
      if (entry === undefined) {
        this.#entries = [];
        this.#head = 0;
        return;
      }
      if (!entry.ready) return;
      this.#head++;
      this.#bytes -= entry.bytes;
      entry.deliver();
    }
  }
}
