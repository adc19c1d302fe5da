/** What the AI SDK streams, as the parts of our engine port. */
import type { LanguageModelUsage, FinishReason as SdkFinishReason, TextStreamPart, ToolSet } from 'ai';
import type { EnginePart } from '../../../../actors/ports.ts';
import type { FinishReason, ModelUsage } from '../../../../schema/model-usage.ts';
import { sdkError } from './sdk-error.ts';
import { metadataOf, ReasoningRecord } from './sdk-reasoning.ts';

export type SdkPartsOptions = {
  readonly now: () => number;
  /** Who is asked; tags what is wanted back. */
  readonly origin: string;
  readonly ownName: (told: string) => string;
  readonly keepsPlainReasoning: boolean;
};

/** Reads the parts of one model call, in order. */
export class SdkParts {
  readonly #reasoning: ReasoningRecord;
  /** Arguments as the model wrote them, by call: parsed and printed again they would be somebody else's. */
  readonly #argumentTexts = new Map<string, string>();
  readonly #options: SdkPartsOptions;

  constructor(options: SdkPartsOptions) {
    this.#options = options;
    this.#reasoning = new ReasoningRecord(options.keepsPlainReasoning);
  }

  /** The part for our port, if this one has any. After `finish` or `error` nothing else counts. */
  read(part: TextStreamPart<ToolSet>): EnginePart | undefined {
    switch (part.type) {
      case 'text-delta':
        return { type: 'text', text: part.text };
      case 'reasoning-start':
      case 'reasoning-end':
        this.#reasoning.add(part.id, '', part.providerMetadata);
        return undefined;
      case 'reasoning-delta':
        this.#reasoning.add(part.id, part.text, part.providerMetadata);
        return part.text === '' ? undefined : { type: 'reasoning', text: part.text };
      case 'tool-input-delta':
        this.#argumentTexts.set(part.id, (this.#argumentTexts.get(part.id) ?? '') + part.delta);
        return undefined;
      case 'tool-call':
        return this.#call(part);
      case 'finish-step':
        return this.#finish(part);
      case 'error':
        return sdkError(part.error, this.#options.now());
      case 'abort':
        // Who cancels the call does not listen any more: the SDK's own time limit is left.
        return { type: 'error', message: part.reason ?? 'The call was given up', code: 'timeout' };
      default:
        // Boundaries, sources, files: nothing that a turn is made of.
        return undefined;
    }
  }

  #call({
    toolCallId,
    toolName,
    input,
    providerMetadata,
  }: Extract<TextStreamPart<ToolSet>, { type: 'tool-call' }>): EnginePart {
    const continuation = metadataOf(providerMetadata);
    const written = this.#argumentTexts.get(toolCallId);
    // Another call may come with the same id.
    this.#argumentTexts.delete(toolCallId);
    return {
      type: 'tool-call',
      modelCallId: toolCallId,
      name: this.#options.ownName(toolName),
      argumentsJson: written || printed(input),
      ...(continuation === undefined ? {} : { continuation }),
    };
  }

  #finish(part: Extract<TextStreamPart<ToolSet>, { type: 'finish-step' }>): EnginePart {
    // Whatever was wrong was told before, as an `error`, and ended the call.
    if (part.finishReason === 'error' || part.finishReason === 'interrupted') {
      return { type: 'error', message: 'The answer was not finished', code: 'bad_response' };
    }
    const continuation = this.#reasoning.continuation();
    return {
      type: 'finish',
      reason: finishReasons[part.finishReason],
      usage: usageOf(part.usage),
      model: part.response.modelId,
      origin: this.#options.origin,
      ...(continuation === undefined ? {} : { continuation }),
    };
  }
}

const finishReasons: Readonly<Record<Exclude<SdkFinishReason, 'error' | 'interrupted'>, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  other: 'other',
};

function usageOf(usage: LanguageModelUsage): ModelUsage {
  const { inputTokens, outputTokens } = usage;
  const { cacheReadTokens } = usage.inputTokenDetails;
  const { reasoningTokens } = usage.outputTokenDetails;
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(cacheReadTokens === undefined ? {} : { cachedInputTokens: cacheReadTokens }),
  };
}

function printed(input: unknown): string {
  return typeof input === 'string' ? input : (JSON.stringify(input) ?? '');
}
