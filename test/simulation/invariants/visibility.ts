/**
 * I13. In guarded worlds: every frame that the server gives to the transport for a reader, live, on resume, as a snapshot,
 * an answer or a refusal, names only what belongs to sessions that the reader's principal may see; and whoever may not see a
 * session is answered as if there were none. Who may see it is known from the journal: its owner, and who took part between
 * the event that last counted when the frame was given and the newest one that is committed.
 */
import type { SessionOwner } from '../../../schema/authorization.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { Principal } from '../../../schema/principal.ts';
import type { Fact, FactOf } from '../facts.ts';
import type { History } from '../history.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import { seesAlways } from '../principals.ts';
import type { Reader } from '../reader.ts';

const holds: Holds = holdsOf('I13');

export const visibility: Invariant = {
  name: 'I13',
  says: 'Nothing tells a principal of a session that it may not see, live or on resume.',
  watch: (history, truth) => {
    if (!truth.isGuarded) return {};
    const seen = new Seen(history);
    return { hear: (fact) => seen.hear(fact) };
  },
};

/** Who took part from the event with this `seq` on. */
type Membership = { readonly seq: number; readonly members: ReadonlySet<string> };

type Session = {
  readonly owner: SessionOwner;
  readonly memberships: Membership[];
  /** The place of the membership that counts in the running process. */
  told: number;
};

class Seen {
  readonly #history: History;
  readonly #sessions = new Map<string, Session>();
  /** The session that each id belongs to: a message's, a call's, its own. `null`: clients chose it in several. */
  readonly #sessionOfId = new Map<string, string | null>();
  /** The event that last began to count, in the running process. */
  #lastTold: { readonly session: string; readonly seq: number } | undefined;
  /** What counted of each session when a reader's connection began. */
  readonly #connected = new Map<Reader, ReadonlyMap<string, number>>();

  constructor(history: History) {
    this.#history = history;
  }

  hear(fact: Fact): void {
    switch (fact.kind) {
      case 'started':
        // A process reads from the store who takes part.
        for (const session of this.#sessions.values()) session.told = session.memberships.length - 1;
        this.#lastTold = undefined;
        return;
      case 'committed':
        this.#committed(fact);
        return;
      case 'accessTold':
        this.#told(fact.event);
        return;
      case 'connected':
        this.#connected.set(
          fact.reader,
          new Map([...this.#sessions].map(([id, { told }]) => [id, told] as const)),
        );
        return;
      case 'given':
        this.#given(fact);
        return;
      case 'denied':
        this.#denied(fact);
        return;
      case 'taken': {
        const { by, session, number, kind } = fact.order;
        holds(
          by === undefined || session === null || this.#sees(by, session, 0),
          () => `${kind} ${number} of ${by?.id} was taken in session ${session}, which it never saw`,
        );
        return;
      }
      default:
        return;
    }
  }

  #committed({ event, seq }: FactOf<'committed'>): void {
    const { sessionId: id } = event;
    if (id === null) return;
    for (const named of idsIn(JSON.stringify(event.data))) {
      const before = this.#sessionOfId.get(named);
      this.#sessionOfId.set(named, before === undefined || before === id ? id : null);
    }
    const session = this.#sessions.get(id);
    const members = session?.memberships.at(-1)?.members ?? new Set();
    switch (event.type) {
      case 'session.created':
        this.#sessions.set(id, {
          owner: event.record ?? { owner: null, tenant: null },
          memberships: [{ seq, members }],
          told: 0,
        });
        return;
      case 'session.deleted':
        session?.memberships.push({ seq, members: new Set() });
        return;
      case 'participant.added':
        session?.memberships.push({ seq, members: new Set([...members, event.data.id]) });
        return;
      case 'participant.removed': {
        const left = new Set(members);
        left.delete(event.data.id);
        session?.memberships.push({ seq, members: left });
        return;
      }
      default:
        return;
    }
  }

  #told(event: DomainEvent): void {
    const { sessionId } = event;
    const seq = this.#history.seqOf(event);
    const session = sessionId === null ? undefined : this.#sessions.get(sessionId);
    if (sessionId === null || seq === undefined || session === undefined) return;
    const place = session.memberships.findIndex((one) => one.seq === seq);
    if (place >= 0) session.told = place;
    this.#lastTold = { session: sessionId, seq };
  }

  #given({ reader, frame, text }: FactOf<'given'>): void {
    const { event, data, seq } = frame;
    if (event === 'exception') {
      this.#refused(reader, data);
      if (data['code'] === 'not_found') return;
    }
    const isAnswer = event === 'ack' || event === 'exception';
    for (const id of this.#sessionsIn(text)) {
      const from = isAnswer ? this.#whenConnected(reader, id) : this.#placeOf(reader, id, seq);
      holds(
        this.#sees(reader.principal, id, from),
        () => `${reader.name} was given ${event} ${seq ?? ''} of session ${id}, which it may not see`,
      );
    }
  }

  /** The membership by which a frame that tells of the session is judged, at the earliest. */
  #placeOf(reader: Reader, id: string, seq: number | undefined): number {
    const told = this.#sessions.get(id)?.told ?? 0;
    // Whoever is removed hears that last. Frames of baseline sockets do not say which event they tell.
    const isLast =
      this.#lastTold?.session === id && (reader.kind === 'baseline' || seq === this.#lastTold.seq);
    return isLast ? told - 1 : told;
  }

  /** An answer may be about what its reader saw when it asked. */
  #whenConnected(reader: Reader, id: string): number {
    return this.#connected.get(reader)?.get(id) ?? 0;
  }

  #refused(reader: Reader, data: Readonly<Record<string, unknown>>): void {
    const session = reader.sessionOf(data['id']);
    if (typeof session !== 'string') return;
    if (this.#sees(reader.principal, session, this.#whenConnected(reader, session))) return;
    holds(
      isAsOfNone(session, data),
      () => `${reader.name} was told of session ${session}: ${data['message']}`,
    );
  }

  #denied({ order, refusal }: FactOf<'denied'>): void {
    const { by, session, kind, number } = order;
    if (by === undefined || session === null || this.#sees(by, session, 0)) return;
    holds(
      isAsOfNone(session, refusal),
      () => `${kind} ${number} told ${by.id} of session ${session}: ${refusal.message}`,
    );
  }

  /** Whether the principal sees the session by a membership from this place on. */
  #sees(principal: Principal, session: string, from: number): boolean {
    const known = this.#sessions.get(session);
    if (known === undefined) return false;
    const { owner, memberships } = known;
    if (seesAlways(principal, owner)) return true;
    const { id, tenant } = principal;
    const later = memberships.slice(Math.max(0, from));
    return tenant === owner.tenant && later.some(({ members }) => members.has(id));
  }

  #sessionsIn(text: string): ReadonlySet<string> {
    return new Set(idsIn(text).flatMap((id) => this.#sessionOfId.get(id) ?? []));
  }
}

function idsIn(text: string): readonly string[] {
  return text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
}

/** What is refused of a session that never was, and what every command may meet before it is looked at. */
function isAsOfNone(
  session: string,
  { code, message }: { readonly code?: unknown; readonly message?: unknown },
): boolean {
  if (code === 'unavailable' || code === 'socket_busy') return true;
  return code === 'not_found' && message === `Chat session ${session} not found`;
}
