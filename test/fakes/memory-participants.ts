/** The table of participants, as a map in the order in which they were added. */
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Participant, ParticipantId } from '../../schema/participant.ts';

export class MemoryParticipants {
  readonly #rows = new Map<string, Participant>();

  apply({
    type,
    data,
  }: DomainEventOf<'participant.added' | 'participant.updated' | 'participant.removed'>): void {
    const key = `${data.sessionId} ${data.id}`;
    if (type === 'participant.removed') this.#rows.delete(key);
    else this.#rows.set(key, data);
  }

  forgetSession(id: SessionId): void {
    for (const [key, { sessionId }] of this.#rows) if (sessionId === id) this.#rows.delete(key);
  }

  of(session: SessionId): Participant[] {
    return [...this.#rows.values()].filter(({ sessionId }) => sessionId === session);
  }

  has(session: SessionId, id: ParticipantId, role?: Participant['role']): boolean {
    const row = this.#rows.get(`${session} ${id}`);
    return row !== undefined && (role === undefined || row.role === role);
  }
}
