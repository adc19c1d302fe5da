/** The provider's model, as an application that uses the AI SDK has it. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModel } from 'ai';
import { providerPlace } from '../serve.ts';

export function sdkModel(): LanguageModel {
  const { url, format } = providerPlace();
  const given = { baseURL: `${url}/v1`, apiKey: 'bench' };
  return format === 'anthropic' ? createAnthropic(given)('model') : createOpenAI(given).chat('model');
}
