/**
 * Reads the text of an answer out of frames without parsing JSON: the position of the event's name is known, and
 * texts of a run contain no character that JSON escapes. Every text is kept, so that it can be checked after the run.
 */
import type { Dialect } from '../systems/systems.ts';

/** `{"event":"message.delta"` or `42["message.delta"`. */
const nameAt: Readonly<Record<Dialect, number>> = { json: 10, 'socket-io': 4, 'ui-stream': 0 };
const offsetKey = Buffer.from('"offset":');
const textKey = Buffer.from('"text":"');
const contentKey = Buffer.from('"content":"');
const messageKey = Buffer.from('"messageId":"');
const idKey = Buffer.from('"id":"');
const idUnits = 36;
/** Every event has its session's and its message's id within this many bytes of the frame. */
const idsWithin = 200;
const code = (character: string) => character.charCodeAt(0);
const [letterM, letterD, letterP, letterU, quote, digit0, digit9] = [
  code('m'),
  code('d'),
  code('p'),
  code('u'),
  code('"'),
  code('0'),
  code('9'),
];

export class FrameText {
  /** How many characters have arrived. */
  units = 0;
  /** What was wrong with the first bad frame. */
  fault: string | undefined;
  /** The message of the expected answer, once a frame or `follow` has named it. */
  messageId: string | undefined;
  readonly #nameAt: number;
  readonly #sessionId: string | undefined;
  #strict = false;
  #text: Buffer = Buffer.alloc(0);

  /** `sessionId`: frames of other sessions on the same socket are skipped. */
  constructor(dialect: Dialect, sessionId: string | undefined) {
    this.#nameAt = nameAt[dialect];
    this.#sessionId = sessionId;
  }

  /** Skips all messages but this one: frames of earlier ones may still arrive. */
  follow(messageId: string | undefined): void {
    this.messageId = messageId;
    this.#strict = true;
  }

  /** Begins a new answer of this many characters. */
  expect(units: number): void {
    this.units = 0;
    this.fault = undefined;
    this.messageId = undefined;
    this.#strict = false;
    this.#text = Buffer.alloc(units);
  }

  get complete(): boolean {
    return this.units >= this.#text.length;
  }

  /** The text that has arrived; a view, not a copy. */
  get text(): Buffer {
    return this.#text;
  }

  /** A text that has no offset: it follows the one before. */
  append(bytes: Buffer, textStart: number, textEnd: number): void {
    this.#grow(bytes, this.units, textStart, textEnd);
  }

  take(bytes: Buffer, start: number, end: number): void {
    if (this.complete || bytes[start + this.#nameAt] !== letterM) return;
    // `message.` is followed by delta, partial, updated or created.
    const kind = bytes[start + this.#nameAt + 8];
    if (kind !== letterD && kind !== letterP && kind !== letterU) return;
    if (this.#sessionId !== undefined && !names(bytes, start, end, this.#sessionId)) return;
    // The final content of the previous answer follows its text, and may arrive only now.
    if (this.#strict || kind === letterU) {
      if (this.messageId === undefined || !names(bytes, start, end, this.messageId)) return;
    }
    if (this.messageId === undefined) {
      const key = kind === letterD ? messageKey : idKey;
      const idAt = bytes.indexOf(key, start) + key.length;
      this.messageId = bytes.toString('latin1', idAt, idAt + idUnits);
    }
    if (kind === letterD) this.#delta(bytes, start, end);
    else this.#whole(bytes, start, end);
  }

  #delta(bytes: Buffer, start: number, end: number): void {
    let at = bytes.indexOf(offsetKey, start) + offsetKey.length;
    let offset = 0;
    for (let digit = bytes[at] ?? 0; digit >= digit0 && digit <= digit9; digit = bytes[++at] ?? 0) {
      offset = offset * 10 + digit - digit0;
    }
    const textStart = bytes.indexOf(textKey, at) + textKey.length;
    // A quote and two brackets follow the text.
    this.#grow(bytes, offset, textStart, end - 3);
  }

  /** Takes the content so far. Text that was read before is not read again, except when this completes the text. */
  #whole(bytes: Buffer, start: number, end: number): void {
    const textStart = bytes.indexOf(contentKey, start) + contentKey.length;
    const textEnd = bytes.indexOf(quote ?? 0, Math.min(textStart + this.units, end - 1));
    if (textEnd - textStart === this.#text.length) this.units = 0;
    this.#grow(bytes, 0, textStart, textEnd);
  }

  #grow(bytes: Buffer, offset: number, textStart: number, textEnd: number): void {
    if (offset > this.units) this.fault ??= `a gap before ${offset}: only ${this.units} had come`;
    const units = offset + textEnd - textStart;
    if (units > this.#text.length)
      this.fault ??= `a text of ${units} characters, ${this.#text.length} expected`;
    if (units <= this.units) return;
    bytes.copy(this.#text, this.units, textStart + this.units - offset, textEnd);
    this.units = Math.min(units, this.#text.length);
  }
}

function names(bytes: Buffer, start: number, end: number, id: string): boolean {
  return bytes.toString('latin1', start, Math.min(end, start + idsWithin)).includes(id);
}
