/** Requests in the format of OpenAI's chat completions, for it and for all that speak as it does. */
import type { EngineRequest } from '../../../../actors/ports.ts';
import type { ModelOptions } from '../../../../schema/model-options.ts';
import type { ModelFormat, ModelTarget } from '../model-format.ts';
import { type ToldMessage, toldConversation } from '../told/told-conversation.ts';
import { callContinuation, stepContinuation } from './openai-continuation.ts';
import { OpenAiReader } from './openai-reader.ts';

export const openAiFormat: ModelFormat = {
  address: 'https://api.openai.com/v1',
  request(request, target, apiKey) {
    const { system, messages, names } = toldConversation(request, {
      origin: target.origin,
      ...(target.type === 'openai'
        ? { lateSystem: 'keep', turns: 'any' }
        : { lateSystem: 'asUser', turns: 'strict' }),
    });
    const lead = system === undefined ? [] : [{ role: 'system', content: system }];
    return {
      path: '/chat/completions',
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      body: {
        model: target.model,
        messages: [...lead, ...messages.flatMap((message) => openAiMessages(message, target))],
        ...toolsOf(request, (name) => names.told(name)),
        ...sampling(request.options, target),
        stream: true,
        stream_options: { include_usage: true },
      },
      reader: new OpenAiReader({ origin: target.origin, ownName: (told) => names.own(told) }),
    };
  },
};

function toolsOf({ tools }: EngineRequest, told: (name: string) => string): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name: told(name), description, parameters: inputSchema },
    })),
  };
}

function openAiMessages(message: ToldMessage, { type }: ModelTarget): readonly object[] {
  if (message.role !== 'assistant') return [{ role: message.role, content: message.text }];
  const { text, calls, continuation } = message;
  const said = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...stepContinuation(continuation),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ id, name, argumentsJson, continuation: signature }) => ({
            id,
            type: 'function',
            function: { name, arguments: argumentsJson },
            ...callContinuation(signature),
          })),
        }),
  };
  const results = calls.map(({ id, name, result }) => ({
    role: 'tool',
    tool_call_id: id,
    // Some that speak as OpenAI does look the call up by its name.
    ...(type === 'openai' ? {} : { name }),
    content: result,
  }));
  return [said, ...results];
}

function sampling(options: ModelOptions, { type, model }: ModelTarget): object {
  const { temperature, topP, maxOutputTokens, reasoningEffort } = options;
  const thinks = type === 'openai' && alwaysThinks.test(model);
  const isPlain = type === 'openai' && !thinks;
  return {
    // Models that think refuse both.
    ...(temperature === undefined || thinks ? {} : { temperature }),
    ...(topP === undefined || thinks ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined
      ? {}
      : thinks
        ? { max_completion_tokens: maxOutputTokens }
        : { max_tokens: maxOutputTokens }),
    ...(reasoningEffort === undefined || isPlain ? {} : { reasoning_effort: reasoningEffort }),
  };
}

/** OpenAI's models that think before they answer: other limits apply to them. */
const alwaysThinks = /^(?:o\d|gpt-(?:[5-9]|\d\d))/;
