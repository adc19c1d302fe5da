/** Server-Sent Events, as the HTML standard says: lines in, events out, split wherever the network likes. */

/** `data` is absent where an `id` came alone: it moves the cursor of a stream that has nothing to say. */
export type StreamedEvent = { readonly data: string | undefined; readonly id: string | undefined };

/** Longer than any frame of the server; more is no event stream. */
const unitsMax = 32 * 1024 * 1024;

export class SseParser {
  #rest = '';
  #data: string[] = [];
  #id: string | undefined;

  /** Events that are complete now. A comment yields nothing. Throws when a line or an event never ends. */
  push(chunk: string): StreamedEvent[] {
    const text = this.#rest + chunk;
    const events: StreamedEvent[] = [];
    let start = 0;
    for (;;) {
      const found = lineEnd(text, start);
      if (found === undefined) break;
      const event = this.#line(text.slice(start, found.at));
      if (event !== undefined) events.push(event);
      start = found.next;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > unitsMax) throw new Error('an event stream without line ends');
    return events;
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

/** `\n`, `\r\n` or `\r`; a `\r` at the very end waits for what follows it. */
function lineEnd(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    const unit = text[at];
    if (unit === '\n') return { at, next: at + 1 };
    if (unit === '\r' && at + 1 < text.length) return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return undefined;
}
