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
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      const line = this.#whole(chunk.subarray(from, end));
      from = end + 1;
      if (line !== '' && !take(line)) return;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** The last line, if the body does not end with a newline; empty: there is none. Throws {@link BadLine}. */
  end(): string {
    return this.#whole(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length;
    if (this.#restBytes > this.#bytesMax) throw new BadLine('too long');
    this.#rest.push(part);
  }

  #whole(part: Buffer): string {
    if (part.length + this.#restBytes > this.#bytesMax) throw new BadLine('too long');
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([...this.#rest, part]);
    this.#rest = [];
    this.#restBytes = 0;
    try {
      return this.#utf8.decode(bytes).trim();
    } catch {
      throw new BadLine('no UTF-8');
    }
  }
}
