/** What each session counts for its owner's bytes, as a map. */
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import { storedBytesOf } from '../../schema/stored-bytes.ts';

export class MemoryBytes {
  readonly #rows = new Map<SessionId, number>();

  note(entry: JournaledEvent): void {
    const { sessionId } = entry;
    if (sessionId === null) return;
    if (entry.type === 'session.created') this.#rows.set(sessionId, 0);
    if (entry.type === 'session.deleted') this.#rows.delete(sessionId);
    const before = this.#rows.get(sessionId);
    if (before !== undefined) this.#rows.set(sessionId, before + storedBytesOf(entry));
  }

  of(isIts: (session: SessionId) => boolean): number {
    return [...this.#rows].reduce((sum, [id, bytes]) => (isIts(id) ? sum + bytes : sum), 0);
  }
}
