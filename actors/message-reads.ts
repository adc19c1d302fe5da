/** Reads of the messages of a session, as lists of them show them. */
import type { MessageFact } from '../schema/chat-message.ts';
import type { MessageId, SessionId } from '../schema/ids.ts';
import type { ListedBranch } from './stored-rows.ts';

/** The `limit` newest messages before the message `before` in list order; if that is unknown, an empty page. */
export type MessagePage = { readonly limit: number; readonly before?: MessageId | undefined };

export type MessageSize = {
  readonly id: MessageId;
  /** Of its content and marks, as they were stored last as a whole. */
  readonly bytes: number;
};

/** All reject as those of `ReadModel` do. */
export type MessageReads = {
  /** Oldest first; the newest `limit`. */
  readonly messages: (
    session: SessionId,
    page: MessagePage,
    branch: ListedBranch,
  ) => Promise<readonly MessageFact[]>;
  /** What `messages` would return, without the texts: for lists that may be too long for memory. */
  readonly messageSizes: (
    session: SessionId,
    page: MessagePage,
    branch: ListedBranch,
  ) => Promise<readonly MessageSize[]>;
  /** In the order of the ids; those that are gone are left out. */
  readonly messagesOf: (session: SessionId, ids: readonly MessageId[]) => Promise<readonly MessageFact[]>;
  /** An id says which message within its session alone. */
  readonly message: (session: SessionId, id: MessageId) => Promise<MessageFact | undefined>;
};
