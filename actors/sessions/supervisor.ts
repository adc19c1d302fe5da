/**
 * Supervisor: decides what happens to a session whose actor died of a bug.
 *
 * The policy: the session restarts from its rows at once, which closes its open turn. A session that keeps crashing
 * is left asleep, so that the bug does not use up the processor; its next command wakes it again.
 */
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Clock, Log } from '../ports.ts';

export type Decision = 'restart' | 'leave';

export class Supervisor {
  readonly #clock: Clock;
  readonly #log: Log;
  /** When each session crashed recently; the session that crashed last is last. */
  readonly #crashes = new Map<SessionId, readonly Milliseconds[]>();

  constructor(ports: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = ports.clock;
    this.#log = ports.log;
  }

  /** Call it once per crash. */
  decide(session: SessionId, cause: unknown): Decision {
    const now = this.#clock.now();
    const since = now - limits.restartWindowMs;
    const crashes = [...(this.#crashes.get(session) ?? []).filter((at) => at > since), now];
    this.#crashes.delete(session);
    this.#forget(since);
    this.#crashes.set(session, crashes);
    const decision = crashes.length > limits.restartsMax ? 'leave' : 'restart';
    this.#log.error(
      decision === 'restart'
        ? 'Session actor failed; it restarts from its rows'
        : 'Session actor keeps failing; it sleeps until its next command',
      { sessionId: session, crashes: crashes.length, cause },
    );
    return decision;
  }

  #forget(since: Milliseconds): void {
    for (const [session, crashes] of this.#crashes) {
      if ((crashes.at(-1) ?? since) > since) return;
      this.#crashes.delete(session);
    }
  }
}
