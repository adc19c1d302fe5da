/** Requests in the format of Anthropic's messages. */
import type { EngineRequest } from '../../../../actors/ports.ts';
import { isBlank } from '../../../../schema/text.ts';
import { unreachable } from '../../../../schema/unreachable.ts';
import { parseExact } from '../../../tools/mcp/exact-json.ts';
import type { ModelFormat, ModelTarget } from '../model-format.ts';
import { type ToldCall, type ToldMessage, toldConversation } from '../told/told-conversation.ts';
import { piecesWithFiles, type ToldFile } from '../told/told-files.ts';
import { type ThinkingBlock, thinkingOf } from './anthropic-continuation.ts';
import { outputTokensMax, takesSampling, thinkingFields } from './anthropic-models.ts';
import { AnthropicReader } from './anthropic-reader.ts';

export const anthropicFormat: ModelFormat = {
  address: 'https://api.anthropic.com/v1',
  request(request, target, apiKey, files) {
    const manners = {
      origin: target.origin,
      lateSystem: 'asUser',
      turns: 'strict',
      resultFiles: 'inside',
    } as const;
    const { system, messages, names } = toldConversation(request, manners, files);
    return {
      path: '/messages',
      headers: {
        'anthropic-version': '2023-06-01',
        ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      },
      body: {
        model: target.model,
        ...(system === undefined ? {} : { system: [{ type: 'text', text: system }] }),
        messages: alternating(messages.flatMap(anthropicMessages)),
        ...toolsOf(request, (name) => names.told(name)),
        ...limitsOf(request, target),
        stream: true,
      },
      reader: new AnthropicReader({ origin: target.origin, ownName: (told) => names.own(told) }),
    };
  },
};

type Block = Readonly<Record<string, unknown>>;
type AnthropicMessage = { readonly role: 'user' | 'assistant'; readonly content: readonly Block[] };

function toolsOf({ tools }: EngineRequest, told: (name: string) => string): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      name: told(name),
      ...(isBlank(description) ? {} : { description }),
      input_schema: inputSchema,
    })),
  };
}

function limitsOf({ options }: EngineRequest, { model }: ModelTarget): object {
  const { temperature, topP, maxOutputTokens, reasoningEffort } = options;
  const outputTokens = maxOutputTokens ?? outputTokensMax(model);
  const thinking = thinkingFields(model, reasoningEffort, outputTokens);
  const mayVary = takesSampling(model) && thinking.thinking === undefined;
  return {
    max_tokens: outputTokens,
    ...thinking,
    ...(temperature === undefined || !mayVary ? {} : { temperature: Math.min(1, temperature) }),
    // Newer models take one of the two.
    ...(topP === undefined || !mayVary || temperature !== undefined ? {} : { top_p: topP }),
  };
}

function anthropicMessages(message: ToldMessage): readonly AnthropicMessage[] {
  if (message.role === 'user') return [{ role: 'user', content: piecesWithFiles(message).map(pieceBlock) }];
  if (message.role === 'system') return [{ role: 'user', content: [textBlock(message.text)] }];
  const { text, calls, continuation } = message;
  const said: AnthropicMessage = {
    role: 'assistant',
    content: saidBlocks(text, calls, thinkingOf(continuation)),
  };
  if (calls.length === 0) return [said];
  return [said, { role: 'user', content: calls.map(resultBlock) }];
}

/** Text and calls with what was thought where it was thought: the signatures cover the order. */
function saidBlocks(
  text: string,
  calls: readonly ToldCall[],
  thoughts: readonly ThinkingBlock[],
): readonly Block[] {
  const blocks: Block[] = [];
  let units = 0;
  let told = 0;
  const upTo = (textUnits: number, callCount: number) => {
    const piece = text.slice(units, textUnits);
    if (!isBlank(piece)) blocks.push(textBlock(piece));
    units = Math.max(units, textUnits);
    blocks.push(...calls.slice(told, callCount).map(callBlock));
    told = Math.max(told, callCount);
  };
  for (const { block, textUnits, calls: callCount } of thoughts) {
    upTo(textUnits, callCount);
    blocks.push(block);
  }
  upTo(text.length, calls.length);
  return blocks;
}

function textBlock(text: string): Block {
  return { type: 'text', text };
}

function callBlock({ id, name, argumentsJson }: ToldCall): Block {
  return { type: 'tool_use', id, name, input: parseExact(argumentsJson) };
}

function pieceBlock(piece: string | ToldFile): Block {
  if (typeof piece === 'string') return textBlock(piece);
  const { kind, name, mediaType, base64 } = piece;
  const source = { type: 'base64', media_type: mediaType, data: base64 };
  switch (kind) {
    case 'image':
      return { type: 'image', source };
    case 'pdf':
      return { type: 'document', source, title: name };
    case 'audio':
      // The settings do not let a model of this format take any.
      return textBlock(`[${name} is audio, which is not given to you]`);
    default:
      return unreachable(kind);
  }
}

function resultBlock({ id, result, files, failed }: ToldCall): Block {
  const content = [textBlock(result), ...files.map(pieceBlock)];
  return { type: 'tool_result', tool_use_id: id, content, ...(failed ? { is_error: true } : {}) };
}

/** Neighbours of one role become one message: results first, then what the user says. */
function alternating(messages: readonly AnthropicMessage[]): readonly AnthropicMessage[] {
  const joined: AnthropicMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role !== message.role) joined.push(message);
    else joined[joined.length - 1] = { role: last.role, content: [...last.content, ...message.content] };
  }
  return joined;
}
