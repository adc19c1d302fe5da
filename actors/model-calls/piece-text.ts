/**
 * Makes an engine's pieces safe to store and send one by one: no lone surrogate, no NUL, and a surrogate pair
 * that the engine split over two pieces leaves in one (SPEC [TXT1], [TXT2]).
 */
import { isHighSurrogate, storableText } from '../../schema/text.ts';

export class PieceText {
  #held = '';

  /** The part of `piece` that can leave now; may be empty. */
  next(piece: string): string {
    const text = this.#held + piece;
    const splits = text.length > 0 && isHighSurrogate(text.charCodeAt(text.length - 1));
    this.#held = splits ? text.slice(-1) : '';
    return storableText(splits ? text.slice(0, -1) : text);
  }

  /** What was held back, once nothing follows. */
  rest(): string {
    const text = storableText(this.#held);
    this.#held = '';
    return text;
  }
}
