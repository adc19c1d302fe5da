/**
 * The bytes of an answer as the events of a stream, however they are split; or, when it is no stream, as the beginning
 * of what it is. Pure.
 */
import { createParser } from 'eventsource-parser';
import { limits } from '../../../schema/limits.ts';
import { objectOf, parsedJson } from './foreign-json.ts';

export class EventChunks {
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: ({ event, data }) => {
      // Nearly all data is one line.
      if (!data.includes('\n')) this.#events.push(named(event, data));
      else for (const each of eventsIn(data)) this.#events.push(named(event, each));
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') this.#isOverfull = true;
    },
    maxBufferSize: limits.providerEventUnitsMax,
  });
  #events: string[] = [];
  /** The beginning of the answer, kept until it is known to be a stream. */
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

  /** What came, when it is no stream; `undefined`: it is one. */
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
      // However long its first event is, or what stands before it.
      if (/^\uFEFF?\s*(?:data|event|id|retry)?:/.test(this.#beginning)) this.#beginning = null;
    }
    this.#parser.feed(text);
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#beginning = null;
    return events;
  }
}

/** Lines of one event, or several events that were written without the empty lines between them. */
function eventsIn(data: string): readonly string[] {
  if (parsedJson(data) !== undefined) return [data];
  const lines = data.split('\n');
  return lines.some((line) => objectOf(parsedJson(line)) !== undefined) ? lines : [data];
}

/** What only the name of the event says is put into its data: its type, and that it is an error. */
function named(name: string | undefined, data: string): string {
  if (name === undefined || (name !== 'error' && /^\s*\{\s*"type"\s*:/.test(data))) return data;
  const given = objectOf(parsedJson(data));
  if (given !== undefined && !('type' in given)) return JSON.stringify({ type: name, ...given });
  if (name !== 'error') return data;
  return JSON.stringify({ ...(given ?? { message: data }), type: 'error' });
}
