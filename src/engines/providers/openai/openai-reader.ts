/**
 * Reads a stream in the format of OpenAI's chat completions. Lenient: what is not as it should be costs itself alone,
 * and nothing behind a finish reason can make a failure of a success.
 */
import type { EnginePart } from '../../../../actors/ports.ts';
import type { JsonValue } from '../../../../schema/json-value.ts';
import type { FinishReason, ModelUsage } from '../../../../schema/model-usage.ts';
import { failedFinish, finishReasonOf } from '../finish-reason.ts';
import { countOf, eventObject, type Foreign, listOf, manyOf, objectOf, textOf } from '../foreign-json.ts';
import type { StreamReader } from '../model-format.ts';
import { brokenOffError, streamError } from '../provider-error.ts';
import { OpenAiCalls } from './openai-calls.ts';
import { reasoningFields, StepContinuation } from './openai-continuation.ts';

export class OpenAiReader implements StreamReader {
  readonly #origin: string;
  readonly #ownName: (told: string) => string;
  readonly #calls = new OpenAiCalls();
  readonly #continuation = new StepContinuation();
  readonly #oddities: string[] = [];
  #reason: FinishReason | undefined;
  #failure: EnginePart | undefined;
  #refused = false;
  #saidText = false;
  #over = false;
  /** The choice that is read: one is asked for, whatever it counts as. */
  #index: number | undefined;
  /** The last event without a choice. */
  #stray: Foreign | undefined;
  #model: string | undefined;
  #usage: ModelUsage = {};

  constructor(options: { readonly origin: string; readonly ownName: (told: string) => string }) {
    this.#origin = options.origin;
    this.#ownName = options.ownName;
  }

  read(data: string): readonly EnginePart[] {
    if (isDone(data)) {
      this.#over = true;
      return [];
    }
    const event = eventObject(data);
    if (event === undefined) {
      this.#noteUnreadable(data);
      return [];
    }
    const failure = this.#reason === undefined ? streamError(event) : undefined;
    if (failure !== undefined) return [failure];
    this.#model ??= textOf(event['model']);
    this.#readUsage(event);
    const choice = this.#choiceOf(event);
    return choice === undefined ? [] : this.#readChoice(choice);
  }

  phase(): 'open' | 'settled' | 'over' {
    if (this.#over) return 'over';
    return this.#reason === undefined ? 'open' : 'settled';
  }

  end(): readonly EnginePart[] {
    if (this.#failure !== undefined) return [this.#failure];
    const reason = this.#endReason();
    if (reason === undefined) {
      return [brokenOffError(this.#stray)];
    }
    const calls = this.#calls.whole().map(({ modelCallId, name, argumentsJson, signatures }): EnginePart => {
      return {
        type: 'tool-call',
        modelCallId,
        name: this.#ownName(name.trim()),
        argumentsJson,
        ...(signatures === undefined ? {} : { continuation: jsonOf(signatures) }),
      };
    });
    const continuation = this.#continuation.whole();
    return [
      ...calls,
      {
        type: 'finish',
        reason,
        usage: this.#usage,
        origin: this.#origin,
        ...(this.#model === undefined ? {} : { model: this.#model }),
        ...(continuation === undefined ? {} : { continuation: jsonOf(continuation) }),
      },
    ];
  }

  oddities(): readonly string[] {
    return this.#oddities;
  }

  #endReason(): FinishReason | undefined {
    if (this.#refused) return 'content-filter';
    if (this.#reason !== undefined) return this.#reason;
    // It said that it is done, but not why.
    if (!this.#over) return undefined;
    return this.#calls.size > 0 ? 'tool-calls' : 'stop';
  }

  /** The choice that is read, of an event that has it. */
  #choiceOf(event: Foreign): Foreign | undefined {
    const choices = manyOf(event['choices']);
    const first = objectOf(choices[0]);
    // Nearly all events have one choice.
    if (first !== undefined && choices.length === 1) {
      const index = countOf(first['index']) ?? 0;
      this.#index ??= index;
      return index === this.#index ? first : undefined;
    }
    const given = choices.map(objectOf).filter((one) => one !== undefined);
    if (given.length === 0) this.#stray = event;
    const indexOf = (one: Foreign) => countOf(one['index']) ?? 0;
    if (this.#index === undefined && given.length > 0) this.#index = Math.min(...given.map(indexOf));
    return given.find((one) => indexOf(one) === this.#index);
  }

  #readChoice(choice: Foreign): readonly EnginePart[] {
    const delta = objectOf(choice['delta']);
    // Some send the whole message at the end, beside its pieces or instead of them.
    const message = this.#saidText || this.#calls.size > 0 ? undefined : objectOf(choice['message']);
    // Servers of the older format, without chat, send the text itself.
    const plain = delta === undefined ? { content: choice['text'] } : {};
    const parts = this.#readDelta(delta ?? message ?? plain);
    const given = textOf(choice['finish_reason']);
    if (given !== undefined && given !== 'null') this.#settle(given);
    return parts;
  }

  /** The last reason counts, but what cut an answer short stays true. */
  #settle(given: string): void {
    const reason = finishReasonOf(given);
    if (reason === undefined) {
      if (this.#reason === undefined) this.#failure = failedFinish(given);
      return;
    }
    if (this.#reason !== 'length' && this.#reason !== 'content-filter') this.#reason = reason;
  }

  #readDelta(delta: Foreign): readonly EnginePart[] {
    const parts: EnginePart[] = [];
    this.#readReasoning(delta, parts);
    this.#readContent(delta['content'], parts);
    const refusal = textOf(delta['refusal']);
    if (refusal !== undefined) {
      this.#refused = true;
      parts.push({ type: 'text', text: refusal });
    }
    const calls = delta['tool_calls'];
    if (calls !== undefined) for (const call of manyOf(calls)) this.#calls.add(call);
    // The older form, one call only.
    const call = objectOf(delta['function_call']);
    if (call !== undefined) this.#calls.add({ index: 'function_call', function: call });
    this.#continuation.addSignatures(delta);
    this.#continuation.addDetails(delta['reasoning_details']);
    this.#saidText ||= parts.some(({ type }) => type === 'text');
    return parts;
  }

  /** Some send the same reasoning under two names. */
  #readReasoning(delta: Foreign, parts: EnginePart[]): void {
    for (const field of reasoningFields) {
      const text = textOf(delta[field]);
      if (text === undefined) continue;
      this.#continuation.addReasoning(field, text);
      parts.push({ type: 'reasoning', text });
      return;
    }
  }

  /** Text, or a list of parts: text, and what Mistral's models think. */
  #readContent(content: unknown, parts: EnginePart[]): void {
    const text = textOf(content);
    if (text !== undefined) parts.push({ type: 'text', text });
    else if (typeof content === 'object') for (const given of manyOf(content)) this.#readPiece(given, parts);
  }

  #readPiece(given: unknown, parts: EnginePart[]): void {
    const part = objectOf(given);
    if (part?.['type'] !== 'thinking') {
      const text = textOf(given) ?? textOf(part?.['text']);
      if (text !== undefined) parts.push({ type: 'text', text });
      return;
    }
    for (const thought of listOf(part['thinking'])) {
      const text = textOf(objectOf(thought)?.['text']);
      if (text !== undefined) parts.push({ type: 'reasoning', text });
    }
  }

  #readUsage(event: Foreign): void {
    const usage = objectOf(event['usage']) ?? objectOf(objectOf(event['x_groq'])?.['usage']);
    if (usage === undefined) return;
    const input = countOf(usage['prompt_tokens']);
    const output = countOf(usage['completion_tokens']);
    const cached =
      countOf(objectOf(usage['prompt_tokens_details'])?.['cached_tokens']) ??
      countOf(usage['prompt_cache_hit_tokens']);
    const reasoning = countOf(objectOf(usage['completion_tokens_details'])?.['reasoning_tokens']);
    this.#usage = {
      ...this.#usage,
      ...(input === undefined ? {} : { inputTokens: input }),
      ...(output === undefined ? {} : { outputTokens: output }),
      ...(cached === undefined ? {} : { cachedInputTokens: cached }),
      ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
    };
  }

  #noteUnreadable(data: string): void {
    if (this.#oddities.length < odditiesMax) this.#oddities.push(data.slice(0, oddityUnitsMax));
    // What does not begin as an object is a sign of life that somebody wrote as data.
    if (data.trimStart().startsWith('{')) this.#calls.damage();
  }
}

function isDone(data: string): boolean {
  if (data.startsWith('{')) return false;
  const words = data.replace(/^\s*data:/, '').trim();
  return words.toUpperCase() === '[DONE]';
}

const odditiesMax = 3;
const oddityUnitsMax = 200;

/** What was parsed from JSON is JSON. */
function jsonOf(value: Foreign): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
