/** Parses Server-Sent Events as the HTML standard defines them. Chunks may be split anywhere. */

/** `data` is absent for an `id` that comes alone: it moves the cursor of a stream that has no events to send. */
export type StreamedEvent = { readonly data: string | undefined; readonly id: string | undefined };

/** Longer than any frame of the server. A longer line or event means that this is not an SSE stream. */
const unitsMax = 32 * 1024 * 1024;

/** A `\r` at the end of the chunk waits for the next character. */
const lineEnd = /\r\n|\n|\r(?!$)/;

export class SseParser {
  #rest = '';
  #data: string[] = [];
  #id: string | undefined;

  /**
   * Returns the events that `chunk` completes. A comment completes none. Throws when a line or an event is too long.
   */
  push(chunk: string): StreamedEvent[] {
    const lines = (this.#rest + chunk).split(lineEnd);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > unitsMax) throw new Error('an SSE stream without line ends');
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): StreamedEvent | undefined {
    if (line === '') {
      const isEmpty = this.#data.length === 0;
      const event = { data: isEmpty ? undefined : this.#data.join('\n'), id: this.#id };
      this.#data = [];
      this.#id = undefined;
      return isEmpty && event.id === undefined ? undefined : event;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    return undefined;
  }
}
