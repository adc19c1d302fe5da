/**
 * Catching up: who may send what it missed, and when. Connections take turns, one chunk each, a bounded number of
 * events per tick; a bounded number of them read the journal at a time. So a thousand that resume at once share
 * what there is, and what is live is never held up for long ([V1D4]).
 */
import type { Clock, Log } from '../../../actors/ports.ts';
import type { StreamBounds } from './stream-bounds.ts';

/** A connection that catches up. */
export type CatchingUp = {
  /** Sends its next chunk; returns how many events it looked at, or that it must read the journal first. */
  readonly turn: () => number | 'read';
  /** Reads the journal and sends what it found. Called with a place among those who read. Must not reject. */
  readonly read: () => Promise<void>;
};

export class CatchUp {
  readonly #bounds: StreamBounds;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Insertion order is the order of turns. */
  readonly #waiting = new Set<CatchingUp>();
  readonly #waitingToRead = new Set<CatchingUp>();
  #reading = 0;
  #scheduled = false;

  constructor(options: { readonly bounds: StreamBounds; readonly clock: Clock; readonly log: Log }) {
    const { bounds, clock, log } = options;
    this.#bounds = bounds;
    this.#clock = clock;
    this.#log = log;
  }

  /** Gives it a turn behind those who wait already. */
  takeTurn(connection: CatchingUp): void {
    this.#waiting.add(connection);
    this.#schedule();
  }

  /** It has gone. */
  forget(connection: CatchingUp): void {
    this.#waiting.delete(connection);
    this.#waitingToRead.delete(connection);
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    let left = this.#bounds.catchUpTickEvents;
    // Those who come during this tick, or want another turn, wait for the next.
    for (const connection of [...this.#waiting]) {
      if (left <= 0) return;
      if (!this.#waiting.delete(connection)) continue;
      try {
        const done = connection.turn();
        if (done === 'read') this.#read(connection);
        // A turn without events still costs a look at the connection.
        else left -= done + 10;
      } catch (error) {
        this.#log.error('a connection could not catch up', { error: String(error) });
      }
    }
  }

  #read(connection: CatchingUp): void {
    if (this.#reading >= this.#bounds.catchUpReadsMax) {
      this.#waitingToRead.add(connection);
      return;
    }
    this.#reading++;
    void connection.read().finally(() => {
      this.#reading--;
      const [next] = this.#waitingToRead;
      if (next === undefined) return;
      this.#waitingToRead.delete(next);
      this.#read(next);
    });
  }
}
