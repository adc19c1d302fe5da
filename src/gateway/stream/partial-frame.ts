/**
 * A frame with the text so far, kept as bytes so that each further piece costs only its own length.
 *
 * `message.partial` carries the content so far (docs/protocol.md A3). Encoding it from scratch for each of n pieces would
 * escape n² characters; this class keeps the frame's UTF-8, writes each piece where the text ends, and writes the
 * rest of the frame behind it again. The bytes always equal those of `serverFrame(event, data)` (SPEC [WS14]).
 */

import { isHighSurrogate } from '../../../schema/text.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';

/** The most bytes that one UTF-16 unit can take: `\u001f`, or half of an escaped lone pair. */
const unitBytesMax = 6;
const spareBytes = 512;

export class PartialFrame {
  /** UTF-16 units of the text so far. */
  units: number;
  /** Always holds the frame from its start to the end of the text; the bytes behind that are rewritten. */
  #bytes: Buffer;
  #textEnd: number;
  readonly #tail: Buffer;
  /** A high surrogate at the very end of the text: the other half of its character may be in the next piece. */
  #half: string;

  /**
   * `data` is the event's present data; `key` names the text in it. The other values must stay the same. They must be
   * plain JSON values: nothing here calls `toJSON`.
   */
  constructor(event: string, data: Readonly<Record<string, unknown>>, key: string) {
    const text = data[key];
    if (typeof text !== 'string') throw new TypeError(`${event} has no text in ${JSON.stringify(key)}`);
    const [head, tail] = around(event, data, key);
    this.#half = '';
    this.#tail = Buffer.from(tail);
    this.#textEnd = Buffer.byteLength(head);
    this.#bytes = Buffer.allocUnsafeSlow(this.#textEnd + text.length + this.#tail.length + spareBytes);
    this.#bytes.write(head, 0);
    this.units = 0;
    this.append(text);
  }

  /** How many bytes of memory the frame holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  append(piece: string): void {
    this.units += piece.length;
    const text = this.#half + piece;
    const ready = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
    this.#half = text.slice(ready);
    if (ready === 0) return;
    const escaped = JSON.stringify(ready === text.length ? text : text.slice(0, ready));
    // Drops the quotes. A piece of plain ASCII, the usual case, takes one byte per unit.
    this.#textEnd += this.#write(escaped.slice(1, -1), this.#textEnd);
  }

  /** The present frame: a view that the next `append` or `frame` overwrites. */
  frame(): Buffer {
    const half = this.#half === '' ? 0 : this.#write(JSON.stringify(this.#half).slice(1, -1), this.#textEnd);
    const end = this.#textEnd + half;
    this.#tail.copy(this.#bytes, end);
    return this.#bytes.subarray(0, end + this.#tail.length);
  }

  #write(escaped: string, at: number): number {
    const needed = at + Buffer.byteLength(escaped) + unitBytesMax + this.#tail.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed + spareBytes, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#textEnd);
      this.#bytes = larger;
    }
    return this.#bytes.write(escaped, at);
  }
}

/** The parts of the frame before and after the text of `key`. */
function around(
  event: string,
  data: Readonly<Record<string, unknown>>,
  key: string,
): [head: string, tail: string] {
  const keys = Object.keys(data).filter((name) => data[name] !== undefined);
  const before = keys.slice(0, keys.indexOf(key));
  const after = keys.slice(keys.indexOf(key) + 1);
  const pairs = (names: readonly string[]) =>
    names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(data[name])}`);
  const head = [...pairs(before), `${JSON.stringify(key)}:"`].join(',');
  const tail = ['"', ...pairs(after)].join(',');
  const [start = '', end = ''] = serverFrame(event, {}).split('{}');
  return [`${start}{${head}`, `${tail}}${end}`];
}
