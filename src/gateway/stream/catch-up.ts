/**
 * Schedules connections that catch up on missed events. They take turns, one chunk each, with a bounded number of
 * events per tick and a bounded number of concurrent journal reads. So a thousand connections that resume at once
 * share the server, and live events are never held up for long ([V1D4]).
 */
import type { Clock, Log } from '../../../actors/ports.ts';
import type { StreamBounds } from './stream-bounds.ts';

/** A connection that is catching up. */
export type CatchingUp = {
  /** Sends the next chunk; returns how many events it examined, or `read` if it must read the journal first. */
  readonly turn: () => number | 'read';
  /** Reads the journal and sends the events found. Called when a place for reading is free. Must not reject. */
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

  /** Queues the connection behind those that wait already. */
  takeTurn(connection: CatchingUp): void {
    this.#waiting.add(connection);
    this.#schedule();
  }

  /** Called when the connection has gone. */
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
    // Copies the set: connections that are queued during this tick wait for the next one.
    for (const connection of [...this.#waiting]) {
      if (left <= 0) return;
      if (!this.#waiting.delete(connection)) continue;
      try {
        const done = connection.turn();
        if (done === 'read') this.#read(connection);
        // A turn without events still costs time.
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
