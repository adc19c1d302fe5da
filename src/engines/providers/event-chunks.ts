/**
 * The bytes of an answer as the events of a stream, however they are split; or, when it is no stream, as the beginning
 * of what it is. Pure.
 */
import { createParser } from 'eventsource-parser';
import { limits } from '../../../schema/limits.ts';

export class EventChunks {
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ data }) => this.#events.push(data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') this.#isOverfull = true;
    },
    maxBufferSize: limits.providerEventUnitsMax,
  });
  #events: string[] = [];
  /** The beginning of the answer, kept until an event was read. */
  #beginning: string | null = '';
  #isOverfull = false;

  /** The data of the events that these bytes complete. */
  next(bytes: Uint8Array): readonly string[] {
    return this.#fed(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Nothing follows: what is left, though its end is missing. */
  rest(): readonly string[] {
    return this.#fed(`${this.#decoder.decode()}\n\n`);
  }

  /** What came, when no event could be read in it; `undefined`: it is a stream. */
  get otherText(): string | undefined {
    return this.#beginning ?? undefined;
  }

  /** Nothing more of it can be read, or need be: an event is too long, or this is no stream and enough is known. */
  get isHopeless(): boolean {
    return this.#isOverfull || (this.#beginning?.length ?? 0) >= limits.providerErrorBytesMax;
  }

  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  #fed(text: string): readonly string[] {
    if (this.#isOverfull) return [];
    if (this.#beginning !== null && this.#beginning.length < limits.providerErrorBytesMax) {
      this.#beginning = (this.#beginning + text).slice(0, limits.providerErrorBytesMax);
      // A page, or JSON: no line of a stream begins so.
      if (/^\s*[<{[]/.test(this.#beginning)) return [];
    }
    this.#parser.feed(text);
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#beginning = null;
    return events;
  }
}
