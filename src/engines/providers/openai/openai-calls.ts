/**
 * Tool calls of a stream, put together from their pieces. Servers disagree about nearly everything in them; what is
 * certain is the order in which pieces come.
 */
import { type Foreign, objectOf, parsedJson, textOf } from '../foreign-json.ts';
import { signaturesOf } from './openai-continuation.ts';

export type GatheredCall = {
  readonly index: string;
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
  readonly signatures: Foreign | undefined;
};

type GrowingCall = {
  readonly index: string;
  id: string;
  name: string;
  argumentsJson: string;
  signatures: Foreign | undefined;
  isDamaged: boolean;
};

export class OpenAiCalls {
  #calls: GrowingCall[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** One entry of `tool_calls`. */
  add(given: unknown): void {
    const piece = objectOf(given);
    if (piece === undefined) return;
    const fn = objectOf(piece['function']) ?? piece;
    const id = textOf(piece['id']) ?? '';
    const name = textOf(fn['name']) ?? '';
    const written = argumentsOf(fn['arguments']);
    const call = this.#callOf({ index: indexOf(piece['index']), id, name, written });
    if (call.id === '') call.id = id;
    // A name comes once, or again with each piece; some send it in pieces, before any arguments.
    if (call.name === '') call.name = name;
    else if (name !== call.name && call.argumentsJson === '') call.name += name;
    // An object behind a whole object takes its place: the same call once more, or what an empty one stood for.
    if (beginsAnother(call.argumentsJson, written)) call.argumentsJson = written;
    else call.argumentsJson += written;
    const signatures = { ...signaturesOf(fn), ...signaturesOf(piece) };
    if (Object.keys(signatures).length > 0) call.signatures = { ...call.signatures, ...signatures };
  }

  /** A piece was lost that could have belonged to any call that is not complete for sure. */
  damage(): void {
    for (const call of this.#calls) call.isDamaged = true;
  }

  /** In their order, each once: some servers deliver a call again, under the same index or another. */
  whole(): readonly GatheredCall[] {
    const calls = this.#calls.map(({ index, id, name, argumentsJson, signatures, isDamaged }) => ({
      index,
      modelCallId: id,
      name,
      // No JSON, so that it is refused and the model is told why.
      argumentsJson: isDamaged ? `${argumentsJson} [a part of this was lost on the way]` : argumentsJson,
      signatures,
    }));
    return calls.filter((call, index) => calls.findIndex((other) => isSame(call, other)) === index);
  }

  /** The call that a piece belongs to; a new one when it belongs to none. */
  #callOf({ index, id, name, written }: Piece): GrowingCall {
    const same = this.#calls.findLast((call) =>
      index === '' ? id === '' || call.id === id : call.index === index,
    );
    if (same === undefined) return this.#begun(index, '');
    const isEmpty = same.argumentsJson.trim() === '' || same.argumentsJson.trim() === '{}';
    // Some count every call as the first: another id begins another call, …
    if (id !== '' && same.id !== '' && id !== same.id && (name !== '' || !isEmpty))
      return this.#begun(index, '');
    if (id !== '' || isEmpty) return same;
    // … and so does, where there are no ids, another name, or a second object.
    if (beginsAnother(same.argumentsJson, written)) return this.#begun(index, name === '' ? same.name : '');
    return index === '' && name !== '' ? this.#begun(index, '') : same;
  }

  #begun(index: string, name: string): GrowingCall {
    const call = { index, id: '', name, argumentsJson: '', signatures: undefined, isDamaged: false };
    this.#calls.push(call);
    return call;
  }
}

/** Who names no ids says by the index which call is meant. */
function isSame(one: GatheredCall, other: GatheredCall): boolean {
  if (one === other) return true;
  if (one.modelCallId !== other.modelCallId || one.name !== other.name) return false;
  if (one.modelCallId === '' && (one.index === '' || one.index !== other.index)) return false;
  return withoutSpaces(one.argumentsJson) === withoutSpaces(other.argumentsJson);
}

/** JSON text without the white space between its tokens. */
function withoutSpaces(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/gs, '$1');
}

type Piece = {
  readonly index: string;
  readonly id: string;
  readonly name: string;
  readonly written: string;
};

function indexOf(given: unknown): string {
  return typeof given === 'number' || typeof given === 'string' ? String(given) : '';
}

function argumentsOf(given: unknown): string {
  if (typeof given === 'string') return given;
  return given === undefined || given === null ? '' : JSON.stringify(given);
}

/** What is a whole object can only be followed by white space: an object behind it is not a part of it. */
function beginsAnother(before: string, piece: string): boolean {
  return piece.trimStart().startsWith('{') && objectOf(parsedJson(before)) !== undefined;
}
