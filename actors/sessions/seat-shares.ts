/**
 * Who has how many seats in memory, and whose goes when there is none left ([LIM12], [LIM25]). Pure: it decides, and
 * whoever asks acts.
 *
 * An idle seat costs its holder only a waking, so idle ones go first, of whoever has most, whoever asks. A busy one goes
 * for a holder that has none at all, so that nobody is locked out by somebody who has more than one.
 */

/** A seat whose holder is known. */
export type HeldSeat = {
  /** A text for each principal; empty: of nobody. */
  readonly holder: string;
};

export type SeatRoom<Seat> =
  /** This idle seat can go. */
  | { readonly kind: 'idle'; readonly seat: Seat }
  /** This busy seat has to go. */
  | { readonly kind: 'busy'; readonly seat: Seat }
  | { readonly kind: 'full' };

export class SeatShares<Seat extends HeldSeat> {
  /** Least recently used first. */
  readonly #seats = new Map<string, Set<Seat>>();
  /** The holders that have so many, so that those with most are found without a look at all. */
  readonly #holders = new Map<number, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  held(holder: string): number {
    return this.#seats.get(holder)?.size ?? 0;
  }

  /** Least recently used first. */
  of(holder: string): Iterable<Seat> {
    return this.#seats.get(holder) ?? [];
  }

  has(seat: Seat): boolean {
    return this.#seats.get(seat.holder)?.has(seat) ?? false;
  }

  add(seat: Seat): void {
    if (this.has(seat)) return;
    const seats = this.#seats.get(seat.holder) ?? new Set();
    this.#seats.set(seat.holder, seats);
    this.#move(seat.holder, seats.size, seats.size + 1);
    seats.add(seat);
    this.#size++;
  }

  remove(seat: Seat): void {
    const seats = this.#seats.get(seat.holder);
    if (seats === undefined || !seats.delete(seat)) return;
    this.#move(seat.holder, seats.size + 1, seats.size);
    if (seats.size === 0) this.#seats.delete(seat.holder);
    this.#size--;
  }

  /** It becomes the most recently used. */
  use(seat: Seat): void {
    const seats = this.#seats.get(seat.holder);
    if (seats?.delete(seat) === true) seats.add(seat);
  }

  /** The idle seat of this holder that was used longest ago. */
  idleOf(holder: string, isIdle: (seat: Seat) => boolean): Seat | null {
    for (const seat of [...this.of(holder)]) {
      if (isIdle(seat)) return seat;
      // A busy seat counts as used, so that the next search does not begin with it again.
      this.use(seat);
    }
    return null;
  }

  /** What makes room for one more seat of `holder`. */
  room(holder: string, isIdle: (seat: Seat) => boolean): SeatRoom<Seat> {
    const counts = [...this.#holders.keys()].sort((one, other) => other - one);
    for (const count of counts) {
      for (const other of this.#holders.get(count) ?? []) {
        const seat = this.idleOf(other, isIdle);
        if (seat !== null) return { kind: 'idle', seat };
      }
    }
    const [most = 0] = counts;
    const [largest] = this.#holders.get(most) ?? [];
    if (this.held(holder) > 0 || most <= 1 || largest === undefined) return { kind: 'full' };
    // The one used last has done least of its work.
    const seat = [...this.of(largest)].at(-1);
    return seat === undefined ? { kind: 'full' } : { kind: 'busy', seat };
  }

  #move(holder: string, from: number, to: number): void {
    const before = this.#holders.get(from);
    before?.delete(holder);
    if (before?.size === 0) this.#holders.delete(from);
    if (to === 0) return;
    const after = this.#holders.get(to);
    if (after === undefined) this.#holders.set(to, new Set([holder]));
    else after.add(holder);
  }
}
