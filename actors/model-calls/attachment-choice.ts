/**
 * Attachment choice: which files of a conversation a model is given with one call, and which it is told of in words:
 * those that it does not take, and those for which there is no room (SPEC [FIL33]). Pure.
 */
import { type AcceptedFiles, type Attachment, unfitReason } from '../../schema/attachment.ts';
import { limits } from '../../schema/limits.ts';
import type { ModelMessage } from '../ports.ts';
import { toldInWords } from './attachment-words.ts';
import type { Exchange, HistoryMessage } from './conversation-history.ts';

const noRoom = 'there was no room for it';

/** Chooses for one message after the other; what comes first has the room. */
export class AttachmentChoice {
  readonly #accepted: AcceptedFiles;
  #left: number;

  constructor(accepted: AcceptedFiles, bytesMax: number = limits.attachmentBytesMax) {
    this.#accepted = accepted;
    this.#left = bytesMax;
  }

  message(message: ModelMessage): ModelMessage {
    return withChosen(message, (attachment) => this.#reason(attachment));
  }

  /** The newest has the room first. What is left of a message when room is short has no files. */
  messages(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
    // Most have none; a conversation that is kept in memory stays the same object by object.
    if (!messages.some(({ message }) => hasAttachments(message))) return messages;
    return messages
      .toReversed()
      .map((given) => {
        const message = this.message(given.message);
        if (message === given.message) return given;
        if (given.brief === given.message && !hasAttachments(message)) return { message, brief: message };
        return {
          message,
          brief: withChosen(given.brief, (file) => unfitReason(file, this.#accepted) ?? noRoom),
        };
      })
      .toReversed();
  }

  exchanges(exchanges: readonly Exchange[]): readonly Exchange[] {
    return exchanges
      .toReversed()
      .map((exchange) => {
        const messages = this.messages(exchange.messages);
        return messages === exchange.messages ? exchange : { ...exchange, messages };
      })
      .toReversed();
  }

  #reason(attachment: Attachment): string | null {
    const reason = unfitReason(attachment, this.#accepted);
    if (reason !== null || this.#accepted === 'everything') return reason;
    if (attachment.bytes > this.#left) return noRoom;
    this.#left -= attachment.bytes;
    return null;
  }
}

export function hasAttachments(message: ModelMessage): boolean {
  return (message.role === 'user' || message.role === 'tool') && (message.attachments ?? []).length > 0;
}

function withChosen(message: ModelMessage, reason: (attachment: Attachment) => string | null): ModelMessage {
  if (message.role !== 'user' && message.role !== 'tool') return message;
  const { attachments = [], ...rest } = message;
  if (attachments.length === 0) return message;
  const told = toldInWords(message.content, attachments, reason);
  return told.attachments.length === 0 ? { ...rest, content: told.content } : { ...rest, ...told };
}
