/**
 * Reads the text of an answer out of frames without parsing JSON, compact deltas by the numbers that were told before: the position of the event's name is known, and
 * texts of a run contain no character that JSON escapes. Every text is kept, so that it can be checked after the run.
 */
import type { Dialect } from '../systems/systems.ts';

/** `{"event":"message.delta"` or `42["message.delta"`. */
const nameAt: Readonly<Record<Dialect, number>> = { json: 10, 'socket-io': 4, 'ui-stream': 0 };
const offsetKey = Buffer.from('"offset":');
const textKey = Buffer.from('"text":"');
const contentKey = Buffer.from('"content":"');
const numberKey = Buffer.from('"number":');
/** A frame that names its text ends with the number. */
const numberWithin = 24;
const messageKey = Buffer.from('"messageId":"');
const idKey = Buffer.from('"id":"');
const idUnits = 36;
/** Every event has its session's and its message's id within this many bytes of the frame. */
const idsWithin = 200;
const code = (character: string) => character.charCodeAt(0);
const [letterM, letterD, letterP, letterU, quote, digit0, digit9, bracket] = [
  code('m'),
  code('d'),
  code('p'),
  code('u'),
  code('"'),
  code('0'),
  code('9'),
  code('['),
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
  /** The messages whose texts were named by number. */
  readonly #named = new Map<number, string>();
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
    if (bytes[start] === bracket) {
      this.#compactDelta(bytes, start, end);
      return;
    }
    if (bytes[start + this.#nameAt] !== letterM) return;
    this.#noteNumber(bytes, start, end);
    if (this.complete) return;
    // `message.` is followed by delta, partial, updated or created.
    const kind = bytes[start + this.#nameAt + 8];
    if (kind !== letterD && kind !== letterP && kind !== letterU) return;
    if (this.#sessionId !== undefined && !names(bytes, start, end, this.#sessionId)) return;
    // The final content of the previous answer follows its text, and may arrive only now.
    if (this.#strict || kind === letterU) {
      if (this.messageId === undefined || !names(bytes, start, end, this.messageId)) return;
    }
    this.messageId ??= messageOf(bytes, start, kind === letterD);
    if (kind === letterD) this.#delta(bytes, start);
    else this.#whole(bytes, start, end);
  }

  #delta(bytes: Buffer, start: number): void {
    const at = bytes.indexOf(offsetKey, start) + offsetKey.length;
    const textStart = bytes.indexOf(textKey, at) + textKey.length;
    this.#grow(bytes, numberAt(bytes, at).value, textStart, bytes.indexOf(quote ?? 0, textStart));
  }

  /** `[number,offset,"text"]` */
  #compactDelta(bytes: Buffer, start: number, end: number): void {
    const number = numberAt(bytes, start + 1);
    if (this.complete || this.messageId === undefined) return;
    if (this.#named.get(number.value) !== this.messageId) return;
    const offset = numberAt(bytes, number.end + 1);
    this.#grow(bytes, offset.value, offset.end + 2, end - 2);
  }

  #noteNumber(bytes: Buffer, start: number, end: number): void {
    const at = bytes.subarray(0, end).indexOf(numberKey, Math.max(start, end - numberWithin));
    if (at >= 0)
      this.#named.set(
        numberAt(bytes, at + numberKey.length).value,
        messageOf(bytes, start, bytes[start + this.#nameAt + 8] === letterD),
      );
  }

  /** Takes the content so far. Text that was read before is not read again, except when this completes the text. */
  #whole(bytes: Buffer, start: number, end: number): void {
    const textStart = bytes.indexOf(contentKey, start) + contentKey.length;
    const textEnd = bytes.indexOf(quote ?? 0, Math.min(textStart + this.units, end - 1));
    if (textEnd - textStart === this.#text.length) this.units = 0;
    this.#grow(bytes, 0, textStart, textEnd);
  }

  #grow(bytes: Buffer, offset: number, textStart: number, textEnd: number): void {
    if (offset > this.units) {
      this.fault ??= `a gap before ${offset}: only ${this.units} had come`;
      return;
    }
    const units = offset + textEnd - textStart;
    if (units > this.#text.length)
      this.fault ??= `a text of ${units} characters, ${this.#text.length} expected`;
    if (units <= this.units) return;
    bytes.copy(this.#text, this.units, textStart + this.units - offset, textEnd);
    this.units = Math.min(units, this.#text.length);
  }
}

/** The message that a delta, a snapshot or a message's own frame is about. */
function messageOf(bytes: Buffer, start: number, isDelta: boolean): string {
  const key = isDelta ? messageKey : idKey;
  const idAt = bytes.indexOf(key, start) + key.length;
  return bytes.toString('latin1', idAt, idAt + idUnits);
}

function numberAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = start;
  for (let digit = bytes[end] ?? 0; digit >= digit0 && digit <= digit9; digit = bytes[++end] ?? 0) {
    value = value * 10 + digit - digit0;
  }
  return { value, end };
}

function names(bytes: Buffer, start: number, end: number, id: string): boolean {
  return bytes.toString('latin1', start, Math.min(end, start + idsWithin)).includes(id);
}
