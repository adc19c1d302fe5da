/** What has happened in a world so far, for invariants to share. */
import type { LaneKey } from '../../actors/outbox/lane-key.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import { type DomainEvent, eventCatalogue } from '../../schema/event-catalogue.ts';
import { isWireNamespace } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Emission, TextPiece } from '../../schema/text-piece.ts';
import type { WireNamespace } from '../../schema/wire-event-table.ts';
import { type Selection, selects } from '../../src/gateway/stream/subscriptions.ts';
import { type Fact, nameOfMessage } from './facts.ts';
import { seesAlways } from './principals.ts';
import type { Reader } from './reader.ts';

/** A committed event that clients can see. */
export type WireFact = {
  readonly seq: number;
  readonly event: DomainEvent;
  readonly namespace: WireNamespace;
};

/**
 * A number for each emission. One that comes back from the journal, with its cause, is a copy; what it carries is the
 * same object still. Two events of different types may carry the same.
 */
class ByEmission {
  readonly #numbers = new WeakMap<object, Map<string, number>>();

  set(emission: Emission, value: number): void {
    const key = 'data' in emission ? emission.data : emission;
    const ofKey = this.#numbers.get(key) ?? new Map<string, number>();
    ofKey.set(emission.type, value);
    this.#numbers.set(key, ofKey);
  }

  get(emission: Emission): number | undefined {
    return this.#numbers.get('data' in emission ? emission.data : emission)?.get(emission.type);
  }
}

/** Of a session that was made without authentication. */
const unowned: SessionOwner = { owner: null, tenant: null };

export class History {
  /** How many processes have lived, the present one included. */
  lives = 0;
  /** In `seq` order. */
  readonly wire: WireFact[] = [];
  readonly #wireIndex = new Map<number, number>();
  readonly #committed = new ByEmission();
  readonly #ordinals = new ByEmission();
  readonly #pieces = new Map<string, TextPiece>();
  readonly #owners = new Map<SessionId, SessionOwner>();
  #emissions = 0;

  note(fact: Fact): void {
    switch (fact.kind) {
      case 'started':
        this.lives++;
        return;
      case 'emitted':
        this.#ordinals.set(fact.emission, ++this.#emissions);
        return;
      case 'committed': {
        const { seq, event } = fact;
        this.#committed.set(event, seq);
        if (event.type === 'session.created') this.#owners.set(event.data.id, event.record ?? unowned);
        const { namespace } = eventCatalogue[event.type];
        if (!isWireNamespace(namespace)) return;
        this.#wireIndex.set(seq, this.wire.length);
        this.wire.push({ seq, event, namespace });
        return;
      }
      case 'streamed':
        // An answer that continues after its session slept sends an empty piece, with an offset that comes again.
        if (fact.event.text !== '')
          this.#pieces.set(pieceKey(fact.event.type, fact.event, fact.event.offset), fact.event);
        return;
      default:
        return;
    }
  }

  /** The number of an emission, over all sessions and lives; 0: no actor emitted it. */
  ordinal(emission: Emission): number {
    return this.#ordinals.get(emission) ?? 0;
  }

  /** The `seq` that the event was committed with, if it was. */
  seqOf(event: DomainEvent): number | undefined {
    return this.#committed.get(event);
  }

  wireAt(seq: number): WireFact | undefined {
    return this.wire[this.#wireIndex.get(seq) ?? -1];
  }

  /** Whether the reader sees the session however its participants change. What belongs to none is seen by all. */
  isAlwaysSeen({ principal }: Reader, session: SessionId | null): boolean {
    return session === null || seesAlways(principal, this.#owners.get(session) ?? unowned);
  }

  /** Whether the frame tells of a session that the reader may see at one time and not at another. */
  isOfOthers(reader: Reader, text: string): boolean {
    return [...this.#owners.keys()].some((id) => !this.isAlwaysSeen(reader, id) && text.includes(id));
  }

  /** The piece of a text that was last streamed with this offset. */
  piece(type: TextPiece['type'], message: PieceOf, offset: number): TextPiece | undefined {
    return this.#pieces.get(pieceKey(type, message, offset));
  }

  /** The first event of the selection after `seq`, with its place; the search begins at `from`. */
  next(
    selection: Selection,
    seq: number,
    from: number,
  ): { readonly index: number; readonly found: WireFact } | undefined {
    for (let index = from; index < this.wire.length; index++) {
      const found = this.wire[index];
      if (found !== undefined && found.seq > seq && matches(selection, found)) return { index, found };
    }
    return undefined;
  }
}

export function matches(selection: Selection, { namespace, event }: WireFact): boolean {
  return selects(selection, namespace, event.sessionId);
}

type PieceOf = { readonly sessionId?: unknown; readonly messageId?: unknown };

function pieceKey(type: TextPiece['type'], { sessionId, messageId }: PieceOf, offset: number): string {
  return `${type} ${nameOfMessage(sessionId, messageId)} ${offset}`;
}

export type Lane = LaneKey;
