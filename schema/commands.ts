/**
 * Commands to a session, as its actor receives them. The door has validated them and has added what a pure machine
 * cannot make: time and ids.
 */
import type { ChatMessage, MessageRole } from './chat-message.ts';
import type { ChatSession, UpdateChatSession } from './chat-session.ts';
import type { CommandId, MessageId, SessionId, ToolCallId } from './ids.ts';
import type { ModelOptions } from './model-options.ts';
import type { Refusal } from './refusal.ts';
import type { Milliseconds } from './timestamp.ts';
import type { CallApproval, ToolDecision } from './tool-decision.ts';
import type { CancelledTurns, TurnIdentity } from './turn-record.ts';

/**
 * Identifies a repeated command (I10). `fingerprint` tells a repetition from another command that reuses the key by
 * mistake.
 */
export type Idempotency = { readonly key: string; readonly fingerprint: string };

type Stamped = {
  readonly commandId: CommandId;
  readonly at: Milliseconds;
  /** Present when the client named the command: its result is stored, and a repetition gets the stored result. */
  readonly idempotency?: Idempotency | undefined;
};

export type SessionCommand =
  | (Stamped & {
      readonly type: 'session.create';
      readonly title: string;
      readonly description?: string | undefined;
      readonly options?: ModelOptions | undefined;
    })
  | (Stamped & { readonly type: 'session.update'; readonly patch: UpdateChatSession })
  | (Stamped & { readonly type: 'session.archive' })
  | (Stamped & { readonly type: 'session.delete' })
  | (Stamped & {
      readonly type: 'message.add';
      readonly message: {
        readonly id: MessageId;
        readonly role: MessageRole;
        readonly content: string;
        readonly toolCallId?: string | undefined;
        readonly name?: string | undefined;
      };
      /** True when the client made the message's id, so that the same id may come again. */
      readonly clientMadeId: boolean;
      /** Present when the role starts the engine. */
      readonly turn?: TurnIdentity;
      /** Options of the model call for this answer; they override the session's. */
      readonly options?: ModelOptions | undefined;
    })
  | (Stamped & {
      readonly type: 'turn.cancel';
      /** Cancels the turn that answers this message; absent: the running turn and every queued one. */
      readonly promptId?: MessageId | undefined;
    })
  | (Stamped & {
      /** A person's decision whether a call may run. */
      readonly type: 'tool.approve' | 'tool.deny';
      readonly sessionId: SessionId;
      readonly callId: ToolCallId;
      readonly reason?: string | undefined;
      /**
       * The call as stored just before; `null`: the session has no call with this id, or it has not been looked up
       * yet.
       */
      readonly stored: StoredDecidableCall | null;
    });

export type SessionCommandType = SessionCommand['type'];

/** A stored call, for decisions about calls that no running turn has. */
export type StoredDecidableCall = {
  readonly id: ToolCallId;
  readonly awaits: boolean;
  readonly approval: CallApproval | null;
};

/** The result of each command, sent once its effect is durable. */
export type CommandResult = {
  'session.create': ChatSession;
  'session.update': ChatSession;
  'session.archive': ChatSession;
  'session.delete': null;
  'message.add': ChatMessage;
  'turn.cancel': CancelledTurns;
  'tool.approve': ToolDecision;
  'tool.deny': ToolDecision;
};

/**
 * A machine's reply to a command. It waits in the session's lane behind the events that the command caused, so it
 * reaches the client only when they are durable and published (I2, I10).
 */
export type CommandReply =
  | {
      readonly type: 'command.accepted';
      readonly sessionId: SessionId | null;
      readonly commandId: CommandId;
      readonly result: unknown;
    }
  | {
      readonly type: 'command.refused';
      readonly sessionId: SessionId | null;
      readonly commandId: CommandId;
      readonly refusal: Refusal;
    };
