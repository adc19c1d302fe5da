/** What a model of the AI SDK streams, as the parts of our engine port. */
import type {
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type { EnginePart } from '../../../../actors/ports.ts';
import type { FinishReason, ModelUsage } from '../../../../schema/model-usage.ts';
import { isUnreadable, sdkError } from './sdk-error.ts';
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
  readonly #options: SdkPartsOptions;
  #model: string | undefined;
  #hasCalled = false;
  /** The last event that the SDK could not read. */
  #unreadable: EnginePart | undefined;

  constructor(options: SdkPartsOptions) {
    this.#options = options;
    this.#reasoning = new ReasoningRecord(options.keepsPlainReasoning);
  }

  /** The part for our port, if this one has any. After `finish` or `error` nothing else counts. */
  read(part: LanguageModelV4StreamPart): EnginePart | undefined {
    switch (part.type) {
      case 'text-delta':
        return part.delta === '' ? undefined : { type: 'text', text: part.delta };
      case 'reasoning-start':
      case 'reasoning-end':
        this.#reasoning.add(part.id, '', part.providerMetadata);
        return undefined;
      case 'reasoning-delta':
        this.#reasoning.add(part.id, part.delta, part.providerMetadata);
        return part.delta === '' ? undefined : { type: 'reasoning', text: part.delta };
      case 'tool-call':
        // What runs at the provider is its own affair.
        return part.providerExecuted === true ? undefined : this.#call(part);
      case 'response-metadata':
        this.#model = part.modelId ?? this.#model;
        return undefined;
      case 'finish':
        return this.#finish(part);
      case 'error':
        return this.#error(part.error);
      default:
        // Boundaries, sources, files: nothing that a turn is made of.
        return undefined;
    }
  }

  /** The stream is over without a reason. */
  end(): EnginePart {
    const message = 'The stream ended without a finish reason';
    return this.#unreadable ?? { type: 'error', message, code: 'bad_response' };
  }

  /** One event that cannot be read costs itself alone, as long as the answer has an end. */
  #error(cause: unknown): EnginePart | undefined {
    const error = sdkError(cause, this.#options.now());
    if (!isUnreadable(cause)) return error;
    this.#unreadable = error;
    return undefined;
  }

  #call({ toolCallId, toolName, input, providerMetadata }: LanguageModelV4ToolCall): EnginePart {
    this.#hasCalled = true;
    const continuation = metadataOf(providerMetadata);
    return {
      type: 'tool-call',
      modelCallId: toolCallId,
      name: this.#options.ownName(toolName),
      argumentsJson: input,
      ...(continuation === undefined ? {} : { continuation }),
    };
  }

  #finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): EnginePart {
    const reason = this.#reasonOf(part.finishReason.unified);
    if (reason === undefined) {
      return { type: 'error', message: 'The answer was not finished', code: 'bad_response' };
    }
    const continuation = this.#reasoning.continuation();
    return {
      type: 'finish',
      reason,
      usage: usageOf(part.usage),
      origin: this.#options.origin,
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(continuation === undefined ? {} : { continuation }),
    };
  }

  /** `undefined`: it was not finished. After an event that it could not read, a package may call any end an error. */
  #reasonOf(unified: SdkFinishReason): FinishReason | undefined {
    if (unified !== 'error' && unified !== 'interrupted') return finishReasons[unified];
    if (this.#unreadable === undefined) return undefined;
    return this.#hasCalled ? 'tool-calls' : 'other';
  }
}

type SdkFinishReason = Extract<LanguageModelV4StreamPart, { type: 'finish' }>['finishReason']['unified'];

const finishReasons: Readonly<Record<Exclude<SdkFinishReason, 'error' | 'interrupted'>, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  other: 'other',
};

function usageOf({ inputTokens: input, outputTokens: output }: LanguageModelV4Usage): ModelUsage {
  return {
    ...(input.total === undefined ? {} : { inputTokens: input.total }),
    ...(output.total === undefined ? {} : { outputTokens: output.total }),
    ...(output.reasoning === undefined ? {} : { reasoningTokens: output.reasoning }),
    ...(input.cacheRead === undefined ? {} : { cachedInputTokens: input.cacheRead }),
  };
}
