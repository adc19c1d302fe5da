/**
 * How often something happens in a minute, counted by key with `rate-limiter-flexible`. A key's minute begins with the
 * first thing that is counted.
 *
 * The library answers with a promise, but a frame or a request must be refused before the next one is looked at. So this
 * class remembers who has used up its minute, from the answer to the last thing that was allowed.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

const minuteMs = 60_000;

export type RateOptions = {
  readonly clock: Pick<Clock, 'now'>;
  /** The key that counts instead when more than `keysMax` are counted, so that memory is bounded. Default: the key itself. */
  readonly widened?: (key: string) => string;
  /** Default `limits.countedKeysMax`. */
  readonly keysMax?: number;
};

export class Rate {
  readonly #limiter = new RateLimiterMemory({ points: 1, duration: minuteMs / 1000, keyPrefix: '' });
  readonly #clock: RateOptions['clock'];
  readonly #widened: (key: string) => string;
  readonly #keysMax: number;
  /** Until when a key has used up its minute. */
  readonly #usedUp = new Map<string, Milliseconds>();
  /** How many keys began to be counted in this minute and in the one before: those that are counted are among them. */
  #begun = { minute: 0, now: 0, before: 0 };

  constructor({ clock, widened = (key) => key, keysMax = limits.countedKeysMax }: RateOptions) {
    this.#clock = clock;
    this.#widened = widened;
    this.#keysMax = keysMax;
  }

  /** Counts one more, unless there have been `max`: then returns how long to wait, ms. `max` 0: there is no bound. */
  take(key: string, max: number): Milliseconds | null {
    if (max === 0) return null;
    const counted = this.#countedAs(key);
    const wait = this.#waitOf(counted);
    if (wait === null) this.#count(counted, max);
    return wait;
  }

  /** How long to wait, ms, or `null`. Counts nothing. */
  wait(key: string, max: number): Milliseconds | null {
    return max === 0 ? null : this.#waitOf(this.#countedAs(key));
  }

  #waitOf(counted: string): Milliseconds | null {
    const until = this.#usedUp.get(counted);
    if (until === undefined) return null;
    const wait = until - this.#clock.now();
    if (wait > 0) return wait;
    this.#usedUp.delete(counted);
    return null;
  }

  #count(counted: string, max: number): void {
    this.#limiter.points = max;
    const use = (answer: unknown) => {
      if (!(answer instanceof RateLimiterRes)) return;
      if (answer.isFirstInDuration) this.#noteKey();
      if (answer.remainingPoints <= 0) this.#noteUsedUp(counted, answer.msBeforeNext);
    };
    // Rejects when there were several in one tick, more than may be.
    this.#limiter.consume(counted).then(use, use);
  }

  #noteUsedUp(counted: string, waitMs: Milliseconds): void {
    const now = this.#clock.now();
    for (const [key, until] of this.#usedUp) {
      if (until > now) break;
      this.#usedUp.delete(key);
    }
    this.#usedUp.set(counted, now + waitMs);
  }

  #noteKey(): void {
    this.#turn();
    this.#begun.now++;
  }

  #countedAs(key: string): string {
    this.#turn();
    return this.#begun.now + this.#begun.before < this.#keysMax ? key : this.#widened(key);
  }

  #turn(): void {
    const minute = Math.floor(this.#clock.now() / minuteMs);
    const { minute: last, now } = this.#begun;
    if (minute !== last) this.#begun = { minute, now: 0, before: minute === last + 1 ? now : 0 };
  }
}
