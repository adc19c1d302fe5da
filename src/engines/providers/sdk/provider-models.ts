/** The models of one configured provider. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { unreachable } from '../../../schema/unreachable.ts';
import type { ProviderSettings } from '../../config/engine-settings.ts';

export type ProviderModels = {
  /** By the name that the provider has for it; an unknown one is told by the provider when it is used. */
  readonly model: (id: string) => LanguageModel;
  readonly lateSystem: 'keep' | 'asUser';
};

/** Needs its key, unless the provider takes none: see `model-choice.ts`. */
export function providerModels(name: string, settings: ProviderSettings): ProviderModels {
  const { apiKey, baseUrl, headers } = settings;
  const given = {
    headers: { ...headers },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  };
  switch (settings.type) {
    case 'openai': {
      // The format that is documented for it and its many imitators; its newer one keeps state at the provider.
      const { chat } = createOpenAI({ ...given, name });
      return { model: (id) => chat(id), lateSystem: 'keep' };
    }
    case 'anthropic': {
      const anthropic = createAnthropic({ ...given, name });
      return { model: (id) => anthropic(id), lateSystem: 'asUser' };
    }
    case 'openai-compatible': {
      const compatible = createOpenAICompatible({
        ...given,
        name,
        baseURL: baseUrl ?? '',
        includeUsage: true,
      });
      return { model: (id) => compatible(id), lateSystem: 'keep' };
    }
    default:
      return unreachable(settings.type);
  }
}
