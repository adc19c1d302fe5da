/**
 * What providers that speak as OpenAI does want back: the reasoning of a step, under the field that it came in, and
 * signatures of steps and calls.
 */
import type { JsonValue } from '../../../../schema/json-value.ts';
import { type Foreign, listOf, membersOf, objectOf, textOf } from '../foreign-json.ts';

/** Where reasoning comes as text: DeepSeek and others, OpenRouter and vLLM, older servers. */
export const reasoningFields = ['reasoning_content', 'reasoning', 'thinking'] as const;
export type ReasoningField = (typeof reasoningFields)[number];

/** Signatures beside a message or a call: Google's, and those of gateways in front of it. */
const signatureFields = ['extra_content', 'provider_specific_fields', 'thought_signature', 'signature'];

/** Gathers what one step wants back. */
export class StepContinuation {
  #field: ReasoningField | undefined;
  readonly #pieces: string[] = [];
  /** Parts of reasoning, whole or in pieces, by their kind and index (OpenRouter). */
  readonly #details = new Map<string, Foreign>();
  #signatures: Foreign = {};

  addReasoning(field: ReasoningField, text: string): void {
    this.#field ??= field;
    this.#pieces.push(text);
  }

  /** The parts of `reasoning_details` in a delta. */
  addDetails(given: unknown): void {
    for (const detail of listOf(given)) {
      const piece = objectOf(detail);
      if (piece === undefined) continue;
      const key = `${String(piece['index'] ?? piece['id'] ?? '')} ${String(piece['type'] ?? '')}`;
      const before = this.#details.get(key) ?? {};
      this.#details.set(key, { ...before, ...presentOf(piece), ...grown(before, piece) });
    }
  }

  addSignatures(delta: Foreign): void {
    const given = signaturesOf(delta);
    if (given !== undefined) this.#signatures = { ...this.#signatures, ...given };
  }

  /** `undefined`: nothing is wanted back. */
  whole(): Foreign | undefined {
    const kept = {
      ...(this.#field === undefined ? {} : { [this.#field]: this.#pieces.join('') }),
      ...(this.#details.size === 0 ? {} : { reasoning_details: [...this.#details.values()] }),
      ...this.#signatures,
    };
    return Object.keys(kept).length === 0 ? undefined : kept;
  }
}

/** Of a call: beside it, or beside its function. */
export function signaturesOf(given: Foreign): Foreign | undefined {
  return membersOf(given, signatureFields);
}

/** The fields of an assistant's message that go back with it. */
export function stepContinuation(continuation: JsonValue | undefined): object {
  const kept = objectOf(continuation) ?? {};
  const reasoning = reasoningFields.flatMap((field) => {
    const text = textOf(kept[field]);
    return text === undefined ? [] : [[field, text] as const];
  });
  const details = listOf(kept['reasoning_details']);
  return {
    ...Object.fromEntries(reasoning),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...membersOf(kept, signatureFields),
  };
}

/** The fields of a call that go back with it. */
export function callContinuation(continuation: JsonValue | undefined): object {
  return membersOf(objectOf(continuation) ?? {}, signatureFields) ?? {};
}

function presentOf(piece: Foreign): Foreign {
  return Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== null));
}

/** Texts come in pieces; what is encrypted or signed comes whole. */
function grown(before: Foreign, piece: Foreign): Foreign {
  const texts = ['text', 'summary'].flatMap((name) => {
    const more = textOf(piece[name]);
    return more === undefined ? [] : [[name, (textOf(before[name]) ?? '') + more] as const];
  });
  return Object.fromEntries(texts);
}
