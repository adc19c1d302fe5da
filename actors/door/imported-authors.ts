/** Whose messages in an import are believed to be ([WHO4]). */
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import { authorOf } from '../../schema/message-author.ts';
import { hasScope, type Principal } from '../../schema/principal.ts';

/** Whoever may act as others may say what they wrote; anybody else is the author of what it says is its own, at most. */
export function withBelievedAuthors(conversation: ImportedConversation, by: Principal): ImportedConversation {
  if (hasScope(by, 'act-as')) return conversation;
  const own = authorOf(by);
  const messages = conversation.messages.map(({ author, ...message }) =>
    own !== undefined && author?.id === own.id ? { ...message, author: own } : message,
  );
  return { ...conversation, messages };
}
