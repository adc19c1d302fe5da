/** The models of one configured provider. The package of a provider is loaded when a call wants it. */
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { unreachable } from '../../../../schema/unreachable.ts';
import type { ProviderSettings } from '../../../config/engine-settings.ts';

/** The provider's model `id`. Needs the provider's key, unless it takes none: see `model-choice.ts`. */
export async function providerModel(
  name: string,
  id: string,
  settings: ProviderSettings,
  fetch: typeof globalThis.fetch,
): Promise<LanguageModelV4> {
  const { apiKey, baseUrl, headers } = settings;
  const given = {
    fetch,
    name,
    headers: { ...headers },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  };
  switch (settings.type) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI(given).chat(id);
    }
    case 'openai-responses': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI(given).responses(id);
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic(given)(id);
    }
    case 'google': {
      const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
      return createGoogleGenerativeAI(given)(id);
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      return createOpenAICompatible({ ...given, baseURL: baseUrl ?? '', includeUsage: true })(id);
    }
    default:
      return unreachable(settings.type);
  }
}
