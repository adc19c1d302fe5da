/**
 * What a session has lived up to one of its messages, as far as a model may be told of it: the newest of it. Whoever
 * keeps a session in memory may keep this with it.
 */
import type { MessageFact } from './chat-message.ts';
import type { MessageId, SessionId, ToolCallId } from './ids.ts';
import type { FilePart } from './message-part.ts';
import type { EndedStep, TurnStatus } from './turn-record.ts';

export type ConversationQuery = {
  readonly sessionId: SessionId;
  /** The path to this message. */
  readonly promptId: MessageId;
  /** The answer that is being given; what earlier turns have put into it is told, too. */
  readonly answerId: MessageId;
  /** Messages, what turns said included. */
  readonly limit: number;
};

export type ConversationWindow = {
  /** All messages of the path that the window has, what turns said included; oldest first. */
  readonly path: readonly MessageId[];
  /**
   * What was said on the path to the message to answer, oldest first, without what turns said in answer to a message; the
   * message to answer is the last.
   */
  readonly messages: readonly MessageFact[];
  /** The turns whose answers are on that path, or that said nothing, in the order in which they were queued. */
  readonly turns: readonly PastTurn[];
  /** The ended turns of the answer that is being given: there are some only when it goes on. */
  readonly continued: readonly PastTurn[];
  /** There was more before. */
  readonly isCut: boolean;
};

/** A turn with everything that it did. */
export type PastTurn = {
  /** The message that it answers; its own answer, if an agent pushed it, which is then among the messages. */
  readonly promptId: MessageId;
  readonly status: TurnStatus;
  /** All text that it put into its answer, that of all its steps; empty: it said nothing. */
  readonly text: string;
  /** Model calls that ended and left something behind, in order. */
  readonly steps: readonly EndedStep[];
  /** In the order in which they were made. */
  readonly calls: readonly PastCall[];
};

export type PastCall = {
  readonly id: ToolCallId;
  /** The model call that asked for it. */
  readonly step: number;
  readonly name: string;
  /** JSON text as the model wrote it: any text. */
  readonly argumentsJson: string;
  /**
   * The result, or why there is none; `null`: it never ended. What is longer than
   * `toolResultModelUnitsMax` may end after one character more.
   */
  readonly result: string | null;
  /** Length of the whole result, characters. */
  readonly resultCharacters: number;
  readonly failed: boolean;
  /** What the tool returned beside its result. */
  readonly files?: readonly FilePart[] | undefined;
};
