/**
 * How much memory the large bodies may take that all requests together are sending: a few clients that each send what
 * a route allows must not take it all ([HTTP24]).
 */

export type HeldRoom = {
  /** Takes so many more bytes; returns false, and takes nothing, when there is no room for them. */
  readonly take: (bytes: number) => boolean;
  /** Gives back everything that was taken. */
  readonly release: () => void;
};

export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The share of one request. */
  hold(): HeldRoom {
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > this.#bytesMax) return false;
        this.#bytes += bytes;
        held += bytes;
        return true;
      },
      release: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}
