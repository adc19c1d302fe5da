/**
 * Makes an engine's pieces safe to store and send one by one: replaces lone surrogates and NUL, and joins a surrogate
 * pair that the engine split over two pieces (SPEC [TXT1], [TXT2]).
 */
import { isHighSurrogate, storableText } from '../../schema/text.ts';

export class PieceText {
  #held = '';

  /** The part of the text so far that can be sent now; may be empty. */
  next(piece: string): string {
    const text = this.#held + piece;
    const splits = text.length > 0 && isHighSurrogate(text.charCodeAt(text.length - 1));
    this.#held = splits ? text.slice(-1) : '';
    return storableText(splits ? text.slice(0, -1) : text);
  }

  /** The part that was held back, when no piece follows. */
  rest(): string {
    const text = storableText(this.#held);
    this.#held = '';
    return text;
  }
}
