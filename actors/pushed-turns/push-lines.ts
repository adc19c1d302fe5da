/**
 * Pushes that wait because the journal or the readers are behind: those of one turn wait in line, so that its parts stay
 * in order (SPEC [PSH12]).
 */
import { limits } from '../../schema/limits.ts';
import type { PushedPart, TurnProgress } from '../../schema/pushed-turn.ts';
import { type Outcome, refused } from '../../schema/refusal.ts';
import type { Clock } from '../ports.ts';
import type { PushedSource } from './pushed-source.ts';

/** `unbounded`: the agent is held back by its connection, and waits as long as the server does. */
export type Patience = 'bounded' | 'unbounded';

type Line = { waiting: number; last: Promise<unknown> };

export class PushLines {
  readonly #clock: Clock;
  readonly #lines = new WeakMap<PushedSource, Line>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(
    source: PushedSource,
    parts: readonly PushedPart[],
    patience: Patience,
  ): Outcome<TurnProgress> | Promise<Outcome<TurnProgress>> {
    const known = this.#lines.get(source);
    if ((known?.waiting ?? 0) === 0 && !source.isCongested()) return source.push(parts);
    const line = known ?? { waiting: 0, last: Promise.resolve() };
    this.#lines.set(source, line);
    if (line.waiting >= limits.pushesWaitingMax) return refused(source.busy());
    line.waiting++;
    const pushed = line.last.then(async () => {
      const isFree = await this.#uncongested(source, patience);
      line.waiting--;
      return isFree ? source.push(parts) : refused(source.busy());
    });
    line.last = pushed;
    return pushed;
  }

  /** Resolves with false when it took too long; with true, too, when nothing more is taken. */
  async #uncongested(source: PushedSource, patience: Patience): Promise<boolean> {
    const until = this.#clock.now() + limits.pushWaitMsMax;
    while (source.isCongested() && source.closedBecause() === null) {
      if (patience === 'bounded' && this.#clock.now() >= until) return false;
      source.waits();
      await new Promise<void>((resolve) => {
        this.#clock.after(limits.congestionPollMs, resolve);
      });
    }
    return true;
  }
}
