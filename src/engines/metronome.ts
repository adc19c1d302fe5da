/**
 * Timers shared by many streams: one timer of the clock wakes everything that is due in the same millisecond. A
 * thousand streams of 50 parts a second need a thousand timers a second instead of fifty thousand, and the work that
 * they start runs together.
 */
import type { Clock } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

/** A stream that waits, for one beat at a time. */
export type Sleeper = { readonly wake: () => void };

type Beat = { readonly sleepers: Set<Sleeper>; readonly cancel: () => void };

export class Metronome {
  readonly #clock: Clock;
  /** By the millisecond in which they are due. */
  readonly #beats = new Map<Milliseconds, Beat>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Wakes `sleeper` after `delay`, rounded up to the next whole millisecond of the clock. Returns the value with
   * which {@link cancel} prevents it. `wake` must not throw: other sleepers are woken after it.
   */
  sleep(delay: Milliseconds, sleeper: Sleeper): Milliseconds {
    const due = Math.ceil(this.#clock.now() + delay);
    const beat = this.#beats.get(due) ?? this.#beatAt(due);
    beat.sleepers.add(sleeper);
    return due;
  }

  cancel(due: Milliseconds, sleeper: Sleeper): void {
    const beat = this.#beats.get(due);
    if (beat === undefined || !beat.sleepers.delete(sleeper) || beat.sleepers.size > 0) return;
    this.#beats.delete(due);
    beat.cancel();
  }

  #beatAt(due: Milliseconds): Beat {
    const sleepers = new Set<Sleeper>();
    const cancel = this.#clock.after(due - this.#clock.now(), () => {
      this.#beats.delete(due);
      for (const sleeper of sleepers) sleeper.wake();
    });
    const beat = { sleepers, cancel };
    this.#beats.set(due, beat);
    return beat;
  }
}
