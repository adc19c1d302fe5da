/** The models of one configured provider. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { unreachable } from '../../../../schema/unreachable.ts';
import type { ProviderSettings } from '../../../config/engine-settings.ts';

/** The provider's model `id`. Needs the provider's key, unless it takes none: see `model-choice.ts`. */
export function providerModel(
  name: string,
  id: string,
  settings: ProviderSettings,
  fetch: typeof globalThis.fetch,
): LanguageModel {
  const { apiKey, baseUrl, headers } = settings;
  const given = {
    fetch,
    headers: { ...headers },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  };
  switch (settings.type) {
    case 'openai': {
      // The format that is documented for it and its many imitators; its newer one keeps state at the provider.
      return createOpenAI({ ...given, name }).chat(id);
    }
    case 'anthropic': {
      return createAnthropic({ ...given, name })(id);
    }
    case 'openai-compatible': {
      const compatible = createOpenAICompatible({
        ...given,
        name,
        baseURL: baseUrl ?? '',
        includeUsage: true,
      });
      return compatible(id);
    }
    default:
      return unreachable(settings.type);
  }
}
