/** Lines of a stream of bytes. Of a line that is too long only its beginning and its end are kept. */

export type LineListener = {
  readonly line: (text: string) => void;
  /** The beginning and the end of a line of more than `bytesMax` bytes. */
  readonly tooLong: (head: string, tail: string) => void;
};

/** Bytes of a line that is too long that are kept from each end. */
const keptBytes = 256;

/** A listener for chunks. Keeps at most `bytesMax` bytes and one chunk. */
export function lineReader(bytesMax: number, listener: LineListener): (chunk: Buffer) => void {
  let waiting: Buffer[] = [];
  let bytes = 0;
  /** Set while a line that is too long goes by. */
  let head: string | null = null;

  function add(part: Buffer): void {
    waiting.push(part);
    bytes += part.length;
    if (head === null && bytes <= bytesMax) return;
    const all = Buffer.concat(waiting);
    head ??= all.toString('utf8', 0, keptBytes);
    waiting = [Buffer.from(all.subarray(-keptBytes))];
  }

  function end(): void {
    const text = Buffer.concat(waiting)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\r$/, '');
    const beginning = head;
    waiting = [];
    bytes = 0;
    head = null;
    if (beginning === null) listener.line(text);
    else listener.tooLong(beginning, text);
  }

  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  };
}
