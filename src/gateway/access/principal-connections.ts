/** The open connections of each principal: a change of who takes part in a session concerns those at once. */
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { Principal, PrincipalId } from '../../../schema/principal.ts';

export type PrincipalConnection = { readonly accessChanged: (session: SessionId) => void };

export class PrincipalConnections {
  readonly #open = new Map<PrincipalId, Set<PrincipalConnection>>();
  readonly #principals = new Map<PrincipalConnection, Principal>();
  /** How many connections are narrowed to a session. */
  readonly #narrowed = new Map<SessionId, number>();

  add(principal: Principal, connection: PrincipalConnection): void {
    const { id, sessions } = principal;
    const open = this.#open.get(id);
    if (open === undefined) this.#open.set(id, new Set([connection]));
    else open.add(connection);
    this.#principals.set(connection, principal);
    for (const session of sessions ?? []) this.#narrowed.set(session, (this.#narrowed.get(session) ?? 0) + 1);
  }

  /** Whether a connection is narrowed to given sessions, this one among them. */
  isNarrowedTo(session: SessionId): boolean {
    return this.#narrowed.has(session);
  }

  remove(connection: PrincipalConnection): void {
    const principal = this.#principals.get(connection);
    if (principal === undefined) return;
    const { id, sessions } = principal;
    this.#principals.delete(connection);
    for (const session of sessions ?? []) {
      const others = (this.#narrowed.get(session) ?? 0) - 1;
      if (others > 0) this.#narrowed.set(session, others);
      else this.#narrowed.delete(session);
    }
    const open = this.#open.get(id);
    open?.delete(connection);
    if (open?.size === 0) this.#open.delete(id);
  }

  /** Takes an event that has been published. */
  told(event: JournaledEvent): void {
    switch (event.type) {
      case 'participant.added':
      case 'participant.removed': {
        const { sessionId, id } = event.data;
        for (const connection of [...(this.#open.get(id) ?? [])]) connection.accessChanged(sessionId);
        return;
      }
      case 'session.handed-over': {
        const { sessionId, from, to } = event.data;
        for (const id of from === null ? [to] : [from, to])
          for (const connection of [...(this.#open.get(id) ?? [])]) connection.accessChanged(sessionId);
        return;
      }
      case 'session.deleted':
        // Nobody takes part in it any more.
        for (const connection of [...this.#principals.keys()]) connection.accessChanged(event.data.id);
        return;
      default:
        return;
    }
  }
}
