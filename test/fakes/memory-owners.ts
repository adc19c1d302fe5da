/** The table of whose sessions are, as a map; deletions leave it as it is. */
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionAccess, SessionOwner, Visibility } from '../../schema/authorization.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import type { SessionId, TraceId } from '../../schema/ids.ts';
import type { MemoryParticipants } from './memory-participants.ts';

const nobody: SessionOwner = { owner: null, tenant: null };

export class MemoryOwners {
  readonly #rows = new Map<SessionId, SessionOwner>();
  readonly #traces = new Map<TraceId, SessionOwner>();
  readonly #participants: MemoryParticipants;

  constructor(participants: MemoryParticipants) {
    this.#participants = participants;
  }

  note({ data, record }: DomainEventOf<'session.created' | 'session.updated'>): void {
    if (record !== undefined) this.#rows.set(data.id, record);
  }

  noteTrace(entry: JournalEntry): void {
    if (entry.type !== 'trace.created' && entry.type !== 'trace.updated') return;
    this.#traces.set(entry.data.id, entry.record ?? nobody);
  }

  ofSession(id: SessionId): SessionOwner {
    return this.#rows.get(id) ?? nobody;
  }

  ofTrace(id: TraceId): SessionOwner {
    return this.#traces.get(id) ?? nobody;
  }

  showsTrace(id: TraceId, session: SessionId | undefined, visibleTo: Visibility | undefined): boolean {
    if (session !== undefined || visibleTo === undefined) return this.shows(session, visibleTo);
    const { owner, tenant } = this.ofTrace(id);
    const { principal, all, only } = visibleTo;
    return only === null && tenant === visibleTo.tenant && (all || owner === principal);
  }

  access(id: SessionId, isStored: boolean): SessionAccess | undefined {
    if (!isStored && !this.#rows.has(id)) return undefined;
    const members = new Map(this.#participants.of(id).map((one) => [one.id, one.role]));
    return { ...this.ofSession(id), members };
  }

  /** Without a session: whether what has none is seen. */
  shows(id: SessionId | null | undefined, visibleTo: Visibility | undefined): boolean {
    if (visibleTo === undefined) return true;
    const { principal, tenant, all, only } = visibleTo;
    if (only !== null && (id == null || !only.includes(id))) return false;
    const row = id ? this.#rows.get(id) : undefined;
    if ((row?.tenant ?? null) !== tenant) return false;
    if (all) return true;
    return id ? row?.owner === principal || this.#participants.has(id, principal) : false;
  }
}
