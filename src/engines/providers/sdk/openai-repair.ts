/** A stream in the format of OpenAI's chat completions, read by our own reader and written again for the AI SDK. */
import type { EnginePart } from '../../../../actors/ports.ts';
import type { FinishReason } from '../../../../schema/model-usage.ts';
import { unreachable } from '../../../../schema/unreachable.ts';
import { callContinuation } from '../openai/openai-continuation.ts';
import { OpenAiReader } from '../openai/openai-reader.ts';
import type { EventRepair } from './event-repair.ts';

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
  other: 'other',
};

export class OpenAiRepair implements EventRepair {
  readonly #reader = new OpenAiReader({ origin: '', ownName: (name) => name });
  #calls = 0;
  #failure: EnginePart | undefined;

  event(data: string): string {
    return this.#reader
      .read(data)
      .map((part) => this.#written(part))
      .join('');
  }

  phase(): ReturnType<EventRepair['phase']> {
    return this.#failure === undefined ? this.#reader.phase() : 'over';
  }

  end(): string {
    if (this.#failure !== undefined) return '';
    return `${this.#reader
      .end()
      .map((part) => this.#written(part))
      .join('')}data: [DONE]\n\n`;
  }

  failure(): EnginePart | undefined {
    return this.#failure;
  }

  #written(part: EnginePart): string {
    switch (part.type) {
      case 'text':
        return chunk({ content: part.text });
      case 'reasoning':
        return chunk({ reasoning_content: part.text });
      case 'tool-call': {
        const index = this.#calls++;
        const { modelCallId, name, argumentsJson, continuation } = part;
        // The SDK reads no call without an id and a name.
        const id = modelCallId === '' ? `call_${index}` : modelCallId;
        const call = {
          index,
          id,
          type: 'function',
          function: { name: name === '' ? '_' : name, arguments: argumentsJson },
        };
        return chunk({ tool_calls: [{ ...call, ...callContinuation(continuation) }] });
      }
      case 'finish':
        return chunk({}, part);
      case 'error':
        this.#failure = part;
        return event({ error: { message: part.message } });
      default:
        return unreachable(part);
    }
  }
}

function chunk(delta: object, finish?: Extract<EnginePart, { type: 'finish' }>): string {
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens } = finish?.usage ?? {};
  return event({
    object: 'chat.completion.chunk',
    ...(finish?.model === undefined ? {} : { model: finish.model }),
    choices: [
      { index: 0, delta, finish_reason: finish === undefined ? null : reasons[finish.reason ?? 'other'] },
    ],
    // The SDK takes a count that is missing for 0.
    ...(inputTokens === undefined && outputTokens === undefined
      ? {}
      : {
          usage: {
            prompt_tokens: inputTokens,
            completion_tokens: outputTokens,
            prompt_tokens_details: { cached_tokens: cachedInputTokens },
            completion_tokens_details: { reasoning_tokens: reasoningTokens },
          },
        }),
  });
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
