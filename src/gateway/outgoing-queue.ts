/**
 * What waits for the next flush, in the order in which it came. Pieces of one text wait as one delta, unless a
 * durable event of their session came between: nothing of a session overtakes anything (I1, [V1A3]).
 */
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { StreamEvent } from '../../schema/stream-event.ts';

/** Pieces that continue each other; never empty. */
export type OutgoingPieces = { readonly kind: 'pieces'; readonly pieces: [StreamEvent, ...StreamEvent[]] };

export type Outgoing =
  | { readonly kind: 'durable'; readonly event: DomainEvent; readonly seq: number }
  | { readonly kind: 'volatile'; readonly event: DomainEvent }
  | OutgoingPieces;

export class OutgoingQueue {
  #items: Outgoing[] = [];
  /** Texts of each session that may still grow in the queue, at most an answer and its reasoning. */
  readonly #open = new Map<SessionId, OutgoingPieces[]>();

  get length(): number {
    return this.#items.length;
  }

  durable(event: DomainEvent, seq: number): void {
    if (event.sessionId !== null) this.#open.delete(event.sessionId);
    this.#items.push({ kind: 'durable', event, seq });
  }

  volatile(event: DomainEvent): void {
    this.#items.push({ kind: 'volatile', event });
  }

  piece(event: StreamEvent): void {
    const open = this.#open.get(event.sessionId) ?? [];
    const growing = open.find(({ pieces }) => continues(pieces.at(-1) ?? pieces[0], event));
    if (growing !== undefined) {
      growing.pieces.push(event);
      return;
    }
    const item: OutgoingPieces = { kind: 'pieces', pieces: [event] };
    this.#items.push(item);
    this.#open.set(event.sessionId, [...open, item]);
  }

  /** Everything that waits, oldest first; the queue is empty afterwards. */
  take(): readonly Outgoing[] {
    const items = this.#items;
    this.#items = [];
    this.#open.clear();
    return items;
  }
}

function continues(last: StreamEvent, next: StreamEvent): boolean {
  return (
    last.type === next.type &&
    last.messageId === next.messageId &&
    last.offset + last.text.length === next.offset
  );
}
