/** A conversation as the AI SDK takes it. */
import type { AssistantModelMessage, JSONValue, ModelMessage as SdkMessage, ToolResultPart } from 'ai';
import type { ModelMessage, ModelToolCall } from '../../../actors/ports.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { type ReasoningPart, reasoningOf } from './continuation.ts';

export type SdkConversation = {
  /** System messages at the beginning. */
  readonly instructions: string | undefined;
  readonly messages: SdkMessage[];
};

/**
 * `lateSystem`: what becomes of system messages in the middle. Some providers take them where they are, others know
 * one place only: there they are told as a user's, marked as what they are.
 */
export function sdkConversation(
  conversation: readonly ModelMessage[],
  lateSystem: 'keep' | 'asUser',
): SdkConversation {
  const firstOther = conversation.findIndex(({ role }) => role !== 'system');
  const lead = firstOther < 0 ? conversation.length : firstOther;
  const instructions = conversation
    .slice(0, lead)
    .map(({ content }) => content)
    .join('\n\n');
  return {
    instructions: instructions === '' ? undefined : instructions,
    messages: conversation.slice(lead).flatMap((message) => sdkMessages(message, lateSystem)),
  };
}

function sdkMessages(message: ModelMessage, lateSystem: 'keep' | 'asUser'): SdkMessage[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.content }];
    case 'system':
      return lateSystem === 'keep'
        ? [{ role: 'system', content: message.content }]
        : [{ role: 'user', content: `<system>\n${message.content}\n</system>` }];
    case 'assistant': {
      const content: Exclude<AssistantModelMessage['content'], string> = [
        ...reasoningOf(message.continuation).map(sdkReasoning),
        // Providers refuse a part of text without text.
        ...(message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]),
        ...message.toolCalls.map((call) => ({
          type: 'tool-call' as const,
          toolCallId: call.modelCallId,
          toolName: call.name,
          input: inputOf(call),
        })),
      ];
      return content.length === 0 ? [] : [{ role: 'assistant', content }];
    }
    case 'tool': {
      const result: ToolResultPart = {
        type: 'tool-result',
        toolCallId: message.modelCallId,
        toolName: message.name,
        output: { type: message.failed ? 'error-text' : 'text', value: message.content },
      };
      return [{ role: 'tool', content: [result] }];
    }
    default:
      return unreachable(message);
  }
}

function sdkReasoning({ text, providerOptions }: ReasoningPart) {
  return { type: 'reasoning' as const, text, providerOptions };
}

/** What a model wrote may be no JSON, or no object; providers take objects only when they are told of it again. */
function inputOf({ argumentsJson }: ModelToolCall): JSONValue {
  try {
    const input: JSONValue = JSON.parse(argumentsJson);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Told as it was written, below.
  }
  return argumentsJson.trim() === '' ? {} : { unreadableArguments: argumentsJson };
}
