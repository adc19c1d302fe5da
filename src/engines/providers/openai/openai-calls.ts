/**
 * Tool calls of a stream, put together from their pieces. Servers disagree about nearly everything in them; what is
 * certain is the order in which pieces come.
 */
import { type Foreign, objectOf, parsedJson, textOf } from '../foreign-json.ts';
import { signaturesOf } from './openai-continuation.ts';

export type GatheredCall = {
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
    const call = this.#callOf(piece, id, name);
    if (call.id === '') call.id = id;
    // A name comes once, or again with each piece; some send it in pieces, before any arguments.
    if (call.name === '') call.name = name;
    else if (name !== call.name && id === '' && call.argumentsJson === '') call.name += name;
    call.argumentsJson = extended(call.argumentsJson, argumentsOf(fn['arguments']));
    const signatures = { ...signaturesOf(fn), ...signaturesOf(piece) };
    if (Object.keys(signatures).length > 0) call.signatures = { ...call.signatures, ...signatures };
  }

  /** A piece was lost that could have belonged to any call that is not complete for sure. */
  damage(): void {
    for (const call of this.#calls) call.isDamaged = true;
  }

  whole(): readonly GatheredCall[] {
    return this.#calls.map(({ id, name, argumentsJson, signatures, isDamaged }) => ({
      modelCallId: id,
      name,
      // No JSON, so that it is refused and the model is told why.
      argumentsJson: isDamaged ? `${argumentsJson} [a part of this was lost on the way]` : argumentsJson,
      signatures,
    }));
  }

  /** The call that a piece belongs to; a new one when it belongs to none. */
  #callOf(piece: Foreign, id: string, name: string): GrowingCall {
    const given = piece['index'];
    const index = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
    const same = this.#calls.findLast((call) =>
      index === '' ? call.id === id || id === '' : call.index === index,
    );
    // Some count every call as the first: another id with a name begins another call.
    const isOther = same !== undefined && id !== '' && same.id !== '' && id !== same.id && name !== '';
    // Without index and id a name begins a call, once the one before has arguments.
    const isNext =
      same !== undefined && index === '' && id === '' && name !== '' && same.argumentsJson !== '';
    if (same !== undefined && !isOther && !isNext) return same;
    const call = { index, id: '', name: '', argumentsJson: '', signatures: undefined, isDamaged: false };
    this.#calls.push(call);
    return call;
  }
}

function argumentsOf(given: unknown): string {
  if (typeof given === 'string') return given;
  return given === undefined || given === null ? '' : JSON.stringify(given);
}

/**
 * `piece` behind what there is. What is a whole object already can only be followed by white space: another object
 * then is the same call once more, or takes the place of an empty one.
 */
function extended(before: string, piece: string): string {
  if (before === '' || piece.trim() === '') return before + piece;
  if (!piece.trimStart().startsWith('{') || objectOf(parsedJson(before)) === undefined) return before + piece;
  return piece;
}
