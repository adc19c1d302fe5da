/**
 * How much memory the files may take that all model calls together are sending: a few conversations with large files
 * must not take it all (SPEC [FIL36]). A call waits for its share; who came first has it first.
 */

type Waiting = { readonly bytes: number; readonly enter: () => void };

export class AttachmentRoom {
  readonly #bytesMax: number;
  #held = 0;
  #waiting: Waiting[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Resolves when there is room, with a function that gives it back; rejects when `signal` aborts before. */
  async hold(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    // What is larger than the room has all of it to itself.
    const share = Math.min(bytes, this.#bytesMax);
    if (this.#waiting.length === 0 && this.#held + share <= this.#bytesMax) {
      this.#held += share;
    } else {
      await this.#turn(share, signal);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= share;
      this.#admit();
    };
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal.reason);
        this.#admit();
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting: Waiting = { bytes, enter };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#held + next.bytes > this.#bytesMax) return;
      this.#held += next.bytes;
      this.#waiting.shift();
      next.enter();
    }
  }
}
