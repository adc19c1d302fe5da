/**
 * The text and reasoning that an agent pushes, part by part. A part is stored whole or not at all, so what cannot be
 * stored yet waits with all of its part: half a character, white space before the first word, reasoning that is open.
 */
import type { PushedPart } from '../../schema/pushed-turn.ts';
import { isHighSurrogate, storableText } from '../../schema/text.ts';
import type { AnswerFeed } from '../model-calls/answer-feed.ts';

type Kind = 'text' | 'reasoning';

export class PushedText {
  readonly #feed: AnswerFeed;
  /** The first part that cannot be stored yet; `null`: all can. */
  #waitingFrom: number | null = null;
  /** Text that ends with half a character. */
  #held: { readonly type: Kind; readonly text: string } | null = null;

  constructor(feed: AnswerFeed) {
    this.#feed = feed;
  }

  /** The last part that can be stored, if `received` is the last that has come. */
  storableUpTo(received: number): number {
    return this.#waitingFrom === null ? received : this.#waitingFrom - 1;
  }

  /** Parts of this kind come now: no other half of a character of the other kind does. */
  turnTo(type: Kind): void {
    if (this.#held?.type !== type) this.release();
  }

  say({ type, seq, text: given }: Extract<PushedPart, { type: Kind }>): void {
    const piece = this.#feed.bounded(given);
    if (piece === '') return;
    this.#waitingFrom ??= seq;
    const text = (this.#held?.text ?? '') + piece;
    const isHalf = isHighSurrogate(piece.charCodeAt(piece.length - 1));
    this.#held = isHalf ? { type, text } : null;
    if (!isHalf) this.#send(type, text);
  }

  /** What was held is said as it is: the other half of its last character does not come. */
  release(): void {
    if (this.#held === null) return;
    const { type, text } = this.#held;
    this.#held = null;
    this.#send(type, text);
  }

  /** With a call everything before it is stored. White space before the first word belongs to that word, so it goes. */
  callComes(): void {
    this.#feed.dropLead();
    this.#waitingFrom = null;
  }

  #send(type: Kind, text: string): void {
    // Text ends reasoning: then both can be stored.
    if (type === 'reasoning') this.#feed.reasoning(storableText(text));
    else if (this.#feed.text(storableText(text))) this.#waitingFrom = null;
  }
}
