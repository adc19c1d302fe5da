/** Splits a body of JSON lines (NDJSON) into its lines while it arrives. A line is bounded. */
const newline = 0x0a;

/** A line is longer than it may be, or is no UTF-8. */
export class BadLine extends Error {
  override readonly name = 'BadLine';
  readonly kind: 'too long' | 'no UTF-8';

  constructor(kind: BadLine['kind']) {
    super(kind);
    this.kind = kind;
  }
}

export class JsonLines {
  readonly #bytesMax: number;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  /** Of a line whose end has not come. */
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * The lines that end in this chunk, without those that are empty: an agent may send empty ones to show that it lives.
   * Calls `take` with each; stops when it returns false. Throws {@link BadLine}.
   */
  next(chunk: Buffer, take: (line: string) => boolean): void {
    const end = chunk.lastIndexOf(newline);
    if (end !== -1) {
      for (const line of this.#lines(this.#withRest(chunk.subarray(0, end)))) {
        const trimmed = line.trim();
        if (trimmed !== '' && !take(trimmed)) return;
      }
    }
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1));
  }

  /** The last line, if the body does not end with a newline; empty: there is none. Throws {@link BadLine}. */
  end(): string {
    return this.#line(this.#withRest(Buffer.alloc(0))).trim();
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length;
    if (this.#restBytes > this.#bytesMax) throw new BadLine('too long');
    this.#rest.push(part);
  }

  #withRest(part: Buffer): Buffer {
    if (this.#rest.length === 0) return part;
    const bytes = Buffer.concat([...this.#rest, part]);
    this.#rest = [];
    this.#restBytes = 0;
    return bytes;
  }

  /** All are decoded at once, which is cheaper, unless one of them may be bad: those before it are taken first. */
  #lines(bytes: Buffer): Iterable<string> {
    if (bytes.length > this.#bytesMax) return this.#oneByOne(bytes);
    try {
      return this.#utf8.decode(bytes).split('\n');
    } catch {
      return this.#oneByOne(bytes);
    }
  }

  *#oneByOne(bytes: Buffer): Iterable<string> {
    let from = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
      yield this.#line(bytes.subarray(from, end));
      from = end + 1;
    }
    yield this.#line(bytes.subarray(from));
  }

  #line(bytes: Buffer): string {
    if (bytes.length > this.#bytesMax) throw new BadLine('too long');
    try {
      return this.#utf8.decode(bytes);
    } catch {
      throw new BadLine('no UTF-8');
    }
  }
}
