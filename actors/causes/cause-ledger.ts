/** The pending causes of every session in memory. */
import type { CommandId, SessionId } from '../../schema/ids.ts';
import type { Cause } from './cause.ts';
import { SessionCauses } from './session-causes.ts';

export class CauseLedger {
  /** One per session in memory, so bounded by `sessionsLiveMax`. */
  readonly #sessions = new Map<SessionId, SessionCauses>();

  /** Call it when the session wakes: earlier causes belong to another life. */
  begin(session: SessionId): SessionCauses {
    const causes = new SessionCauses();
    this.#sessions.set(session, causes);
    return causes;
  }

  /** The session's causes; if the session is not in memory, causes that no event will take. */
  of(session: SessionId): SessionCauses {
    return this.#sessions.get(session) ?? new SessionCauses();
  }

  /** Call it when the session leaves memory. */
  end(session: SessionId): void {
    this.#sessions.delete(session);
  }

  /** The causes of the event that the session is emitting; `null`: there is none since the event before it. */
  take(session: SessionId | null): readonly Cause[] | null {
    return session === null ? null : (this.#sessions.get(session)?.take() ?? null);
  }

  refused(session: SessionId | null, command: CommandId): void {
    if (session !== null) this.#sessions.get(session)?.refused(command);
  }
}
