/**
 * Whose the sessions are and who takes part in them, kept in memory for the events and the connections that need it at
 * once. The store has it all; the newest are kept, and every committed change is told.
 */
import type { SessionAccess, SessionOwner } from '../../../schema/authorization.ts';
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';

export type ReadSessionAccess = (id: SessionId) => Promise<SessionAccess | undefined>;

/** Of a session that left nothing behind: it was made before sessions had owners. */
const unowned: SessionOwner = { owner: null, tenant: null };

/** Whether the event changes what somebody may do to a session, or hears of it. */
export function changesAccess(event: JournaledEvent): boolean {
  switch (event.type) {
    case 'session.deleted':
    case 'session.handed-over':
    case 'participant.added':
    case 'participant.updated':
    case 'participant.removed':
      return true;
    case 'session.updated':
      return event.record !== undefined;
    default:
      return false;
  }
}

export class SessionAccesses {
  readonly #read: ReadSessionAccess;
  /** Those used last are at the end. */
  readonly #known = new Map<SessionId, SessionAccess>();
  /** Reads under way; one that a change has overtaken is repeated. */
  readonly #reading = new Map<
    SessionId,
    { readonly access: Promise<SessionAccess | undefined>; isStale: boolean }
  >();

  /** `read` rejects with `JournalUnavailable`. */
  constructor(read: ReadSessionAccess) {
    this.#read = read;
  }

  /** `undefined`: it must be read first. */
  known(id: SessionId): SessionAccess | undefined {
    const access = this.#known.get(id);
    if (access !== undefined && this.#known.size > limits.sessionAccessesMax / 2) this.#keep(id, access);
    return access;
  }

  /** `undefined`: there is no such session, and never was one that had an owner. Rejects with `JournalUnavailable`. */
  async read(id: SessionId): Promise<SessionAccess | undefined> {
    const known = this.known(id);
    if (known !== undefined) return known;
    const underWay = this.#reading.get(id);
    if (underWay !== undefined) return await underWay.access;
    const reading = { access: this.#readWhole(id), isStale: false };
    this.#reading.set(id, reading);
    try {
      return await reading.access;
    } finally {
      this.#reading.delete(id);
    }
  }

  /** Reads what is not known yet, so that `known` tells it; of a session that left nothing, that it has no owner. */
  async know(ids: Iterable<SessionId>): Promise<void> {
    for (const id of new Set(ids)) {
      if (this.#known.has(id)) continue;
      if ((await this.read(id)) === undefined) this.#keep(id, { ...unowned, members: new Map() });
    }
  }

  /** Takes a committed event. */
  told(event: JournaledEvent): void {
    const { sessionId: id } = event;
    if (id === null) return;
    const reading = this.#reading.get(id);
    if (reading !== undefined) reading.isStale = true;
    const access = this.#known.get(id);
    switch (event.type) {
      case 'session.created':
        this.#keep(id, { ...(event.record ?? unowned), members: new Map() });
        return;
      case 'session.updated':
        // It was handed over.
        if (event.record !== undefined && access !== undefined)
          this.#keep(id, { ...access, ...event.record });
        return;
      case 'session.deleted':
        if (access !== undefined) this.#keep(id, { ...access, members: new Map() });
        return;
      case 'participant.added':
      case 'participant.updated':
        if (access !== undefined)
          this.#keep(id, {
            ...access,
            members: new Map([...access.members, [event.data.id, event.data.role]]),
          });
        return;
      case 'participant.removed':
        if (access !== undefined) {
          const members = new Map(access.members);
          members.delete(event.data.id);
          this.#keep(id, { ...access, members });
        }
        return;
      default:
        return;
    }
  }

  async #readWhole(id: SessionId): Promise<SessionAccess | undefined> {
    for (;;) {
      const access = await this.#read(id);
      const reading = this.#reading.get(id);
      if (reading?.isStale === true) {
        reading.isStale = false;
        continue;
      }
      if (access !== undefined) this.#keep(id, access);
      return access;
    }
  }

  #keep(id: SessionId, access: SessionAccess): void {
    this.#known.delete(id);
    this.#known.set(id, access);
    if (this.#known.size <= limits.sessionAccessesMax) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
