/**
 * How much of what its owner may store a session takes ([LIM31]). Each event that stores something counts when it is
 * committed, so that the count is a sum; what is said twice, such as an answer at its beginning and its end, counts twice.
 */
import type { SessionCommand } from './commands.ts';
import type { JournaledEvent } from './event-catalogue.ts';
import type { ImportedConversation } from './imported-conversation.ts';
import { limits } from './limits.ts';
import type { MessageMark } from './message-part.ts';
import { isToldAgain } from './tool-event.ts';

/** What an event adds to its session; 0 of an event that stores nothing. */
export function storedBytesOf(event: JournaledEvent): number {
  switch (event.type) {
    case 'session.created':
      return limits.storedEventBytes;
    case 'message.created':
    case 'message.updated':
      return messageBytes(event.data);
    case 'tool.call':
      return isToldAgain(event.type, event.data) ? 0 : eventBytes(event.record.argumentsJson);
    case 'tool.result':
      return eventBytes(event.record.result ?? '');
    case 'session.imported':
      return conversationBytes(event.data);
    default:
      return 0;
  }
}

/** What a command is about to store, as far as its text says; `null`: what it stores is not limited. */
export function bytesToStore(command: SessionCommand): number | null {
  switch (command.type) {
    case 'message.add':
      return messageBytes(command.message);
    case 'message.edit':
      return messageBytes(command);
    case 'session.fork':
    case 'session.import':
      return limits.storedEventBytes + conversationBytes(command.conversation);
    case 'session.create':
    case 'message.regenerate':
    case 'turn.start':
    case 'turn.claim':
      return limits.storedEventBytes;
    default:
      return null;
  }
}

function conversationBytes({ messages, calls }: ImportedConversation): number {
  const ofCalls = calls.map(({ argumentsJson, result }) => eventBytes(argumentsJson) + eventBytes(result));
  return [...messages.map(messageBytes), ...ofCalls].reduce((sum, bytes) => sum + bytes, 0);
}

function messageBytes(message: {
  readonly content: string;
  readonly marks?: readonly MessageMark[] | undefined;
}): number {
  const { content, marks = [] } = message;
  return eventBytes(content) + (marks.length === 0 ? 0 : utf8Bytes(JSON.stringify(marks)));
}

function eventBytes(text: string): number {
  return limits.storedEventBytes + utf8Bytes(text);
}

const encoder = new TextEncoder();

function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}
