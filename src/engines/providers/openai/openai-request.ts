/** Requests in the format of OpenAI's chat completions, for it and for all that speak as it does. */
import type { EngineRequest } from '../../../../actors/ports.ts';
import type { ModelOptions } from '../../../../schema/model-options.ts';
import { unreachable } from '../../../../schema/unreachable.ts';
import type { ModelFormat, ModelTarget } from '../model-format.ts';
import { type ToldMessage, toldConversation } from '../told/told-conversation.ts';
import { dataUrl, piecesWithFiles, type TextWithFiles, type ToldFile } from '../told/told-files.ts';
import { callContinuation, stepContinuation } from './openai-continuation.ts';
import { OpenAiReader } from './openai-reader.ts';

export const openAiFormat: ModelFormat = {
  address: 'https://api.openai.com/v1',
  request(request, target, apiKey, files) {
    const manners = {
      origin: target.origin,
      resultFiles: 'behind' as const,
      ...(target.type === 'openai'
        ? { lateSystem: 'keep' as const, turns: 'any' as const }
        : { lateSystem: 'asUser' as const, turns: 'strict' as const }),
    };
    const { system, messages, names } = toldConversation(request, manners, files);
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
  if (message.role === 'user') return [{ role: 'user', content: userContent(message) }];
  if (message.role === 'system') return [{ role: 'system', content: message.text }];
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

/** Plain text where there are no files: many that speak as OpenAI does take nothing else. */
function userContent(said: TextWithFiles): string | readonly object[] {
  return said.files.length === 0 ? said.text : piecesWithFiles(said).map(contentPart);
}

function contentPart(piece: string | ToldFile): object {
  if (typeof piece === 'string') return { type: 'text', text: piece };
  const { kind, name, mediaType, base64 } = piece;
  switch (kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrl(piece) } };
    case 'pdf':
      return { type: 'file', file: { filename: name, file_data: dataUrl(piece) } };
    case 'audio':
      return {
        type: 'input_audio',
        input_audio: { data: base64, format: mediaType === 'audio/mpeg' ? 'mp3' : 'wav' },
      };
    default:
      return unreachable(kind);
  }
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
