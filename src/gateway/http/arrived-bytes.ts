/**
 * Bytes that have arrived and wait to be read. They are copied one after another into blocks, so that many small chunks
 * are read as one.
 */

/** Of a block; a larger chunk has a block of its own. */
export const blockBytes = 8 * 1024;

export class ArrivedBytes {
  #length = 0;
  /** Blocks, or parts of them, that are before what is in the newest block. */
  #earlier: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  /** What of the newest block is to be read. */
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies the chunk. */
  add(chunk: Uint8Array): void {
    if (chunk.length > this.#block.length - this.#to) {
      if (this.#to > this.#from) this.#earlier.push(this.#block.subarray(this.#from, this.#to));
      this.#block = Buffer.allocUnsafeSlow(Math.max(blockBytes, chunk.length));
      this.#from = 0;
      this.#to = 0;
    }
    this.#block.set(chunk, this.#to);
    this.#to += chunk.length;
    this.#length += chunk.length;
  }

  /** The oldest of them, at most a block, which is the reader's then; `undefined`: there are none. */
  take(): Buffer | undefined {
    const earlier = this.#earlier.shift();
    if (earlier === undefined && this.#to === this.#from) return undefined;
    const taken = earlier ?? this.#block.subarray(this.#from, this.#to);
    if (earlier === undefined) this.#from = this.#to;
    this.#length -= taken.length;
    return taken;
  }

  drop(): void {
    this.#earlier = [];
    this.#from = this.#to;
    this.#length = 0;
  }
}
