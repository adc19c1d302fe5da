/** Rows of the read model, as actors and the gateway read them. */
import type { SessionOwner } from '../schema/authorization.ts';
import type { MessageFact } from '../schema/chat-message.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../schema/ids.ts';
import type { FilePart } from '../schema/message-part.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import type { Scope } from '../schema/principal.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { CallApproval } from '../schema/tool-decision.ts';
import type { ToolCallStatus } from '../schema/tool-event.ts';
import type { Trace } from '../schema/trace.ts';
import type { PushedTurn, TurnIdentity, TurnStatus } from '../schema/turn-record.ts';

/** The rows from which a session actor wakes. */
export type StoredSession = {
  readonly session: ChatSession;
  /** Turns that are queued or running: by rank, then oldest first. */
  readonly turns: readonly StoredTurn[];
  /** Messages that wait, by rank. */
  readonly waiting: readonly MessageFact[];
};

/**
 * `current`: the path to the session's leaf, oldest first, then what waits. `all`: every message, in order of creation.
 */
export type ListedBranch = 'current' | 'all';

export type StoredTurn = TurnIdentity & {
  readonly status: TurnStatus;
  /** How many model calls were started. */
  readonly step: number;
  /** The options with which it was queued. */
  readonly options?: ModelOptions;
  /** What the sender of its question was allowed; absent: everything. */
  readonly scopes?: readonly Scope[];
  readonly rank: number;
  /** Where its text begins in an answer that it goes on with, UTF-16 units. */
  readonly continuesAt?: number;
  readonly steers: boolean;
  /** Present when an agent pushes it from outside … */
  readonly pushed?: PushedTurn;
  /** … and all its parts up to this one are stored. */
  readonly received?: number;
  /** Who pays for its tokens; absent: nobody. */
  readonly chargedTo?: SessionOwner;
};

/** A turn as it is listed. */
export type ListedTurn = StoredTurn & {
  readonly queuedAt: Milliseconds;
  readonly endedAt?: Milliseconds;
  readonly reason?: string;
};

/** What was done in a session. */
export type SessionWork = {
  /** The running turn, else the newest one; absent: it has none. */
  readonly lastTurn?: Pick<ListedTurn, 'status' | 'reason' | 'queuedAt' | 'endedAt'>;
  /** The oldest call that waits for a person. */
  readonly waitingCall?: { readonly name: string; readonly startedAt: Milliseconds };
  /** The names of the tools that were called, sorted. */
  readonly tools: readonly string[];
  /** The names of the models that answered, sorted. */
  readonly models: readonly string[];
};

export type StoredToolCall = {
  readonly id: ToolCallId;
  readonly sessionId: SessionId;
  readonly turnId: TurnId;
  /** The message with the answer of the call's turn; `null` when the turn is not known. */
  readonly answerId: MessageId | null;
  /** The model call that requested it, counted from 1. */
  readonly step: number;
  readonly modelCallId: string;
  readonly name: string;
  readonly status: ToolCallStatus;
  readonly agentId: string | null;
  readonly needsApproval: boolean;
  readonly approvalDeadline: Milliseconds | null;
  /** A person's decision; `null`: none. */
  readonly approval: CallApproval | null;
  /** JSON text as the model wrote it. */
  readonly argumentsJson: string;
  /** The whole result or error, up to `toolResultUnitsMax`; `null` until the call ended. */
  readonly result: string | null;
  /** What the tool returned beside its result; absent: nothing. */
  readonly files?: readonly FilePart[];
  /** When the model requested it. */
  readonly startedAt: Milliseconds;
  readonly endedAt: Milliseconds | null;
};

/** What was done for one message, its tool calls in the order in which they were made. */
export type StoredRun = {
  readonly messageId: MessageId;
  readonly trace: Trace;
  readonly toolCalls: readonly StoredToolCall[];
};
