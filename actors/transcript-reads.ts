/**
 * Reads of a conversation that is too long for memory: first its outline, of one moment, then its rows, page by page.
 * What has ended changes only when it is deleted or goes on; a page that finds that says so, so that nobody takes
 * pages of different moments for one conversation.
 */
import type { MessageFact, MessageStatus } from '../schema/chat-message.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../schema/ids.ts';
import type { ImportedCall, ImportedTurn } from '../schema/imported-conversation.ts';
import type { Participant } from '../schema/participant.ts';
import type { TranscriptBranch } from '../schema/transcript.ts';

export type OutlinedMessage = {
  readonly id: MessageId;
  readonly parentId: MessageId | null;
  readonly status: MessageStatus;
  /** Of its content and marks, as the database stores them. */
  readonly bytes: number;
};

export type OutlinedTurn = {
  readonly id: TurnId;
  readonly promptId: MessageId;
  readonly answerId: MessageId;
  /** Of what is kept of its model calls, as the database stores it. */
  readonly bytes: number;
};

export type OutlinedCall = {
  readonly id: ToolCallId;
  /** Of its arguments and result, as the database stores them. */
  readonly bytes: number;
};

/** What has ended. What waits, is streaming or runs is left out, with all that is below it. */
export type TranscriptOutline = {
  readonly session: ChatSession;
  /** In the order in which they were added. */
  readonly participants: readonly Participant[];
  /** The session's leaf, or the nearest message above it that has ended. */
  readonly leafId: MessageId | null;
  /** In order of creation; a parent comes before what is below it. */
  readonly messages: readonly OutlinedMessage[];
  /** In the order in which they were queued. */
  readonly turns: readonly OutlinedTurn[];
};

/** What was outlined is gone, or has changed. */
export class TranscriptChanged extends Error {
  override readonly name = 'TranscriptChanged';
}

/**
 * All reject with `JournalUnavailable`, and all but `outline` with {@link TranscriptChanged}. They return what was asked
 * for in the order in which it was asked for.
 */
export type TranscriptReads = {
  /**
   * `undefined`: there is no such session; `too long`: more than `transcriptMessagesMax` messages or turns. `current`:
   * the path to the leaf, and the turns that gave its answers, or said nothing.
   */
  readonly outline: (
    session: SessionId,
    branch: TranscriptBranch,
  ) => Promise<TranscriptOutline | 'too long' | undefined>;
  readonly messages: (
    session: SessionId,
    outlined: readonly OutlinedMessage[],
  ) => Promise<readonly MessageFact[]>;
  readonly turns: (outlined: readonly OutlinedTurn[]) => Promise<readonly ImportedTurn[]>;
  /** The calls of these turns, in the order in which they were made. */
  readonly callsOf: (outlined: readonly OutlinedTurn[]) => Promise<readonly OutlinedCall[]>;
  readonly calls: (outlined: readonly OutlinedCall[]) => Promise<readonly ImportedCall[]>;
};
