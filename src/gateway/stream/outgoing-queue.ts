/**
 * Events that wait for the next flush. Pieces of one text wait as one delta until another event of their session
 * comes: no event overtakes another of its session (I1, [V1A3]). Order between sessions does not matter, so texts
 * that may still grow can wait longer than the rest.
 */
import type { JournaledEvent, VolatileEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { TextPiece } from '../../../schema/text-piece.ts';

/** Consecutive pieces of one text; never empty. */
export type OutgoingPieces = {
  readonly kind: 'pieces';
  readonly pieces: [TextPiece, ...TextPiece[]];
  /** The text of the same session that was queued before this one and may still grow. */
  readonly before: OutgoingPieces | undefined;
};

export type Outgoing =
  | { readonly kind: 'durable'; readonly event: JournaledEvent; readonly seq: number }
  | { readonly kind: 'volatile'; readonly event: VolatileEvent }
  | OutgoingPieces;

export class OutgoingQueue {
  /** Queued events and texts, except texts that may still grow. */
  #items: Outgoing[] = [];
  /** Per session, the newest text that may still grow; seldom more than one. */
  #open = new Map<SessionId, OutgoingPieces>();

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#open.size === 0;
  }

  durable(event: JournaledEvent, seq: number): void {
    this.#close(event.sessionId);
    this.#items.push({ kind: 'durable', event, seq });
  }

  volatile(event: VolatileEvent): void {
    this.#close(event.sessionId);
    this.#items.push({ kind: 'volatile', event });
  }

  piece(event: TextPiece): void {
    const before = this.#open.get(event.sessionId);
    for (let open = before; open !== undefined; open = open.before) {
      if (!continues(open.pieces.at(-1) ?? open.pieces[0], event)) continue;
      open.pieces.push(event);
      return;
    }
    this.#open.set(event.sessionId, { kind: 'pieces', pieces: [event], before });
  }

  /** Takes everything except texts that may still grow; within a session, oldest first. */
  takeClosed(): readonly Outgoing[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Takes everything; within a session, oldest first. */
  take(): readonly Outgoing[] {
    const open = this.#open;
    // Not cleared: V8 keeps a reference from the cleared table to its successor. Once one table is old, its successors become
    // old unneeded, flush after flush, and with them the pieces and the answers that these refer to (docs/hot-path.md).
    this.#open = new Map();
    for (const newest of open.values()) this.#push(newest);
    return this.takeClosed();
  }

  /** Ends the growth of this session's queued text, because another event follows it. */
  #close(sessionId: SessionId | null): void {
    const newest = sessionId === null ? undefined : this.#open.get(sessionId);
    if (sessionId === null || newest === undefined) return;
    this.#open.delete(sessionId);
    this.#push(newest);
  }

  /** Queues the pieces behind those that were queued `before` them. */
  #push(pieces: OutgoingPieces): void {
    if (pieces.before !== undefined) this.#push(pieces.before);
    this.#items.push(pieces);
  }
}

function continues(last: TextPiece, next: TextPiece): boolean {
  return (
    last.type === next.type &&
    last.messageId === next.messageId &&
    last.offset + last.text.length === next.offset
  );
}
