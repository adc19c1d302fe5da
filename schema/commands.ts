/**
 * Commands: orders to a session, as its actor receives them. The door has validated them and stamped what a
 * pure machine cannot make: time and ids.
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
 * What makes a repeated command recognisable (I10). `fingerprint` tells a repetition from another command that
 * reuses the key by mistake.
 */
export type Idempotency = { readonly key: string; readonly fingerprint: string };

type Stamped = {
  readonly commandId: CommandId;
  readonly at: Milliseconds;
  /** Present when the client named the command: its result is stored and replayed. */
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
      /** The client made the message's id, so the same id may come again. */
      readonly clientMadeId: boolean;
      /** Present when the role starts the engine. */
      readonly turn?: TurnIdentity;
      /** How the model is asked for this answer, over the session's own. */
      readonly options?: ModelOptions | undefined;
    })
  | (Stamped & {
      readonly type: 'turn.cancel';
      /** Cancels the turn that answers this message; absent: the running turn and every waiting one. */
      readonly promptId?: MessageId | undefined;
    })
  | (Stamped & {
      /** A person lets a call run, or does not. */
      readonly type: 'tool.approve' | 'tool.deny';
      readonly sessionId: SessionId;
      readonly callId: ToolCallId;
      readonly reason?: string | undefined;
      /** The call as it was stored just before; `null`: the session has none of this id, or nobody has looked yet. */
      readonly stored: StoredDecidableCall | null;
    });

export type SessionCommandType = SessionCommand['type'];

/** A call as the store knows it, for decisions about calls that no running turn has. */
export type StoredDecidableCall = {
  readonly id: ToolCallId;
  readonly awaits: boolean;
  readonly approval: CallApproval | null;
};

/** What each command answers once its effect is durable. */
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
 * A machine's reply to a command. It travels in the lane behind the events that the command caused, so it
 * reaches the asker only when they are durable and published (I2, I10).
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
