/**
 * Keeps the frames of growing texts for baseline sockets, so that each piece is only appended, within bounds (SPEC
 * [WS14]).
 *
 * A baseline frame carries the whole text so far. The broadcaster owns these bytes, because encoding the text anew for
 * each piece costs n² (`partial-frame.ts`). It keeps them only while somebody listens to baseline sockets, and drops the
 * oldest when there are too many; the next frame is then encoded from the piece's `soFar`. Snapshots cannot use these
 * bytes (`in-flight.ts`): they are needed for texts that no baseline socket hears, and in another format.
 */
import { baselineMessage } from '../../../schema/chat-message.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { TextPiece } from '../../../schema/text-piece.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { PartialFrame } from './partial-frame.ts';

type Kept = { readonly sessionId: SessionId; readonly frame: PartialFrame };

export class KeptPartials {
  /** By session and message, oldest first; reasoning is kept apart from answers. */
  readonly #answers = new Map<string, Kept>();
  readonly #reasonings = new Map<string, Kept>();
  #bytes = 0;

  /** The frame after this piece: a view that the next call overwrites. */
  grown(event: TextPiece): Buffer {
    const kept = event.type === 'message.delta' ? this.#answers : this.#reasonings;
    const frame = this.#grownIn(kept, event).frame();
    while (
      this.#answers.size + this.#reasonings.size > limits.partialFramesMax ||
      this.#bytes > limits.partialFrameBytesMax
    ) {
      this.#dropOldest();
    }
    return frame;
  }

  /** Drops the frames of texts that have ended. */
  told(event: DomainEvent): void {
    if (event.type === 'message.updated') {
      this.#drop(this.#answers, keyOf(event.data.sessionId, event.data.id));
    }
    if (event.type === 'message.reasoning.completed') {
      this.#drop(this.#reasonings, keyOf(event.data.sessionId, event.data.messageId));
    }
    if (event.type === 'session.deleted') {
      for (const kept of [this.#answers, this.#reasonings]) {
        for (const [key, { sessionId }] of kept) if (sessionId === event.data.id) this.#drop(kept, key);
      }
    }
  }

  /** Drops all frames when nobody listens: the next listener gets frames encoded anew. */
  clear(): void {
    if (this.#answers.size + this.#reasonings.size === 0) return;
    this.#answers.clear();
    this.#reasonings.clear();
    this.#bytes = 0;
  }

  #grownIn(kept: Map<string, Kept>, event: TextPiece): PartialFrame {
    const key = keyOf(event.sessionId, event.messageId);
    const entry = kept.get(key);
    if (entry !== undefined && entry.frame.units === event.offset) {
      this.#bytes -= entry.frame.capacity;
      entry.frame.append(event.text);
      this.#bytes += entry.frame.capacity;
      return entry.frame;
    }
    // The first piece that is published, or one that does not continue the kept text.
    this.#drop(kept, key);
    const frame = wholeFrame(event);
    kept.set(key, { sessionId: event.sessionId, frame });
    this.#bytes += frame.capacity;
    return frame;
  }

  #drop(kept: Map<string, Kept>, key: string): void {
    const entry = kept.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.frame.capacity;
    kept.delete(key);
  }

  #dropOldest(): void {
    for (const kept of [this.#answers, this.#reasonings]) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) this.#drop(kept, oldest);
    }
  }
}

/** A message of another session may have the same id. */
function keyOf(session: SessionId, message: MessageId): string {
  return `${session} ${message}`;
}

function wholeFrame(event: TextPiece): PartialFrame {
  switch (event.type) {
    case 'message.delta':
      return new PartialFrame('message.partial', baselineMessage(event.soFar()), 'content');
    case 'reasoning.delta':
      return new PartialFrame('message.reasoning.partial', event.soFar(), 'text');
    default:
      return unreachable(event);
  }
}
