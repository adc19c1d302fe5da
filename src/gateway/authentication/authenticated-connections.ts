/** The open connections with what they rest on: each is closed when its token ends or its key is revoked ([AUTH10]). */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import type { Authentication } from './authentication.ts';

export type EndedConnection = { readonly end: (close: CloseCode) => void };

/** Timers of Node.js cannot wait longer. */
const timerMsMax = 2 ** 31 - 1;

export class AuthenticatedConnections {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #open = new Map<EndedConnection, Authentication>();
  /** Those whose authentication ends by itself. */
  readonly #ending = new Map<EndedConnection, NonNullable<Authentication['end']>>();
  #next: { readonly at: Milliseconds; readonly cancel: () => void } | null = null;

  constructor(clock: Pick<Clock, 'now' | 'after'>) {
    this.#clock = clock;
  }

  /** Also called with what has replaced it. */
  add(connection: EndedConnection, authentication: Authentication): void {
    this.#open.set(connection, authentication);
    if (authentication.end === null) {
      this.#ending.delete(connection);
      return;
    }
    this.#ending.set(connection, authentication.end);
    this.#wakeAt(authentication.end.at);
  }

  remove(connection: EndedConnection): void {
    this.#open.delete(connection);
    this.#ending.delete(connection);
  }

  /** Closes those for which it holds. */
  revoke(isRevoked: (authentication: Authentication) => boolean): void {
    for (const [connection, authentication] of [...this.#open]) {
      if (isRevoked(authentication)) connection.end(closeCodes.revoked);
    }
  }

  stop(): void {
    this.#next?.cancel();
    this.#next = null;
  }

  #wakeAt(at: Milliseconds): void {
    if (this.#next !== null && this.#next.at <= at) return;
    this.#next?.cancel();
    const wait = Math.min(Math.max(at - this.#clock.now(), limits.credentialSweepMs), timerMsMax);
    this.#next = { at, cancel: this.#clock.after(wait, () => this.#sweep()) };
  }

  #sweep(): void {
    this.#next = null;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [connection, { at, close }] of [...this.#ending]) {
      if (at <= now) connection.end(closeCodes[close]);
      else next = Math.min(next, at);
    }
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(next);
  }
}
