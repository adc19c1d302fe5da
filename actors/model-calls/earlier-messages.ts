/** The messages that a model is given before the message it answers. */
import type { ChatMessage } from '../../schema/chat-message.ts';

/**
 * The messages that precede `prompt`, oldest first. Answers created after it are included too: turns run in order, so
 * they answer earlier messages. Later messages of people are left out: they get turns of their own.
 */
export function earlierMessages(
  prompt: ChatMessage,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  const at = messages.findIndex((message) => message.id === prompt.id);
  return messages.filter((message, index) => index < at || (index !== at && message.role === 'assistant'));
}
