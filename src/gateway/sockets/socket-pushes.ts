/** The turns that agents push over one socket: when one ends, the socket is told (SPEC [PSH18]). */
import type { CommandDoor } from '../../../actors/door/command-door.ts';
import type { TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { PushedPart, TurnProgress } from '../../../schema/pushed-turn.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { exceptionFrame } from '../../../schema/wire/frame.ts';
import type { StreamConnection } from '../stream/stream-connection.ts';

export class SocketPushes {
  readonly #turns: Pick<CommandDoor['turns'], 'openStream' | 'push'>;
  readonly #connection: Pick<StreamConnection, 'send' | 'phase'>;
  /** `null` while nothing was pushed: most sockets never push. */
  #watched: Map<TurnId, () => void> | null = null;
  /** Those that this socket ends just now: the answer to that tells how. */
  readonly #ending = new Set<TurnId>();

  constructor(
    turns: Pick<CommandDoor['turns'], 'openStream' | 'push'>,
    connection: Pick<StreamConnection, 'send' | 'phase'>,
  ) {
    this.#turns = turns;
    this.#connection = connection;
  }

  async push(turn: TurnId, lease: string, parts: readonly PushedPart[]): Promise<Outcome<TurnProgress>> {
    const watched = await this.#watch(turn, lease);
    return watched.ok ? await this.#turns.push(turn, lease, parts) : watched;
  }

  /** Runs what ends the turn. */
  async end(turn: TurnId, end: () => Promise<Outcome<TurnProgress>>): Promise<Outcome<TurnProgress>> {
    this.#ending.add(turn);
    try {
      return await end();
    } finally {
      this.#ending.delete(turn);
    }
  }

  async #watch(turn: TurnId, lease: string): Promise<Outcome<null>> {
    this.#watched ??= new Map();
    const known = this.#watched;
    if (known.has(turn)) return { ok: true, value: null };
    if (known.size >= limits.socketPushedTurnsMax) {
      return refused(
        refusal('socket_busy', `A connection pushes at most ${limits.socketPushedTurnsMax} turns`),
      );
    }
    const opened = await this.#turns.openStream(turn, lease);
    if (!opened.ok) return opened;
    const forget = opened.value.onClosed(() => {
      known.delete(turn);
      // How it ended is known once the turn has.
      queueMicrotask(() => {
        if (this.#ending.has(turn)) return;
        const reason = opened.value.closedBecause();
        if (reason !== null && this.#connection.phase !== 'closed')
          this.#connection.send(exceptionFrame(reason));
      });
    });
    known.set(turn, forget);
    return { ok: true, value: null };
  }
}
