/** Sessions, messages and ids of tests. */
import { type ChatMessage, chatMessageSchema } from '../../../schema/chat-message.ts';
import { type ChatSession, chatSessionSchema } from '../../../schema/chat-session.ts';
import { type MessageId, messageIdSchema, sessionIdSchema } from '../../../schema/ids.ts';

const uuid = (kind: number, count: number) =>
  `${kind}0000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

export const sessionId = sessionIdSchema.parse(uuid(1, 1));
export const otherSessionId = sessionIdSchema.parse(uuid(1, 2));

export function messageId(count: number): MessageId {
  return messageIdSchema.parse(uuid(2, count));
}

export function session(given: Partial<ChatSession> = {}): ChatSession {
  return chatSessionSchema.parse({
    id: sessionId,
    title: 'Title',
    status: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...given,
  });
}

/** An answer that has ended, after the message with the number before its own. */
export function message(count: number, content: string, given: Partial<ChatMessage> = {}): ChatMessage {
  return chatMessageSchema.parse({
    id: messageId(count),
    sessionId,
    role: 'assistant',
    content,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...(given.queueRank === undefined ? { parentId: count === 1 ? null : messageId(count - 1) } : {}),
    status: 'complete',
    parts: content === '' ? [] : [{ type: 'text', text: content }],
    ...given,
  });
}

/** The same while it is being given. */
export function growing(count: number, content: string): ChatMessage {
  return message(count, content, { status: 'streaming' });
}
