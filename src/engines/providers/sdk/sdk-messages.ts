/** A conversation as the AI SDK takes it. */
import type { LanguageModelV4Message, LanguageModelV4ToolResultPart } from '@ai-sdk/provider';
import type { ToldCall, ToldMessage } from '../told/told-conversation.ts';
import { piecesWithFiles, type ToldFile } from '../told/told-files.ts';
import { metadataOf, type ReasoningPart, reasoningOf } from './sdk-reasoning.ts';

/** `marksFailures`: the format says that a call failed; elsewhere the SDK would wrap its result in JSON. */
export function sdkMessages(message: ToldMessage, marksFailures: boolean): LanguageModelV4Message[] {
  if (message.role === 'system') return [{ role: 'system', content: message.text }];
  if (message.role === 'user') {
    return [{ role: 'user', content: piecesWithFiles(message).map(sdkPiece) }];
  }
  const { text, calls, continuation } = message;
  const content: Extract<LanguageModelV4Message, { role: 'assistant' }>['content'] = [
    ...reasoningOf(continuation).map(sdkReasoning),
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map(sdkCall),
  ];
  const said: LanguageModelV4Message = { role: 'assistant', content };
  return calls.length === 0
    ? [said]
    : [said, { role: 'tool', content: calls.map((call) => sdkResult(call, marksFailures)) }];
}

function sdkPiece(piece: string | ToldFile) {
  if (typeof piece === 'string') return { type: 'text' as const, text: piece };
  const { name, mediaType, base64 } = piece;
  const data = { type: 'data' as const, data: base64 };
  return { type: 'file' as const, data, mediaType, filename: name };
}

function sdkReasoning({ text, providerOptions }: ReasoningPart) {
  return { type: 'reasoning' as const, text, providerOptions };
}

function sdkCall({ id, name, argumentsJson, continuation }: ToldCall) {
  const input: unknown = JSON.parse(argumentsJson);
  const providerOptions = metadataOf(continuation);
  return {
    type: 'tool-call' as const,
    toolCallId: id,
    toolName: name,
    input,
    ...(providerOptions === undefined ? {} : { providerOptions }),
  };
}

function sdkResult(
  { id, name, result, files, failed }: ToldCall,
  marksFailures: boolean,
): LanguageModelV4ToolResultPart {
  if (files.length > 0) {
    const value = [{ type: 'text' as const, text: result }, ...files.map(sdkPiece)];
    return { type: 'tool-result', toolCallId: id, toolName: name, output: { type: 'content', value } };
  }
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName: name,
    output: { type: failed && marksFailures ? 'error-text' : 'text', value: result },
  };
}
