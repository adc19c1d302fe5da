/**
 * Commands to a session, as its actor receives them. The door has validated them and has added what a pure machine
 * cannot make: time and ids.
 */
import type { SessionOwner, Visibility } from './authorization.ts';
import type { ChatMessage, MessageFact, MessageRole } from './chat-message.ts';
import type { ChatSession, UpdateChatSession } from './chat-session.ts';
import type { QueuePolicy } from './create-message.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from './ids.ts';
import type { ImportedConversation } from './imported-conversation.ts';
import type { MessageAuthor } from './message-author.ts';
import type { MessageMark } from './message-part.ts';
import type { ModelOptions } from './model-options.ts';
import type { AddParticipant, Participant, ParticipantId, UpdateParticipant } from './participant.ts';
import type { PrincipalId, Scope } from './principal.ts';
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

/** What whoever gives the command is allowed, which decides about the tools of its turn; absent: everything. */
type SenderScopes = readonly Scope[] | undefined;

/** What whoever names files in a message sees; absent: everything. Only their look-up needs it. */
type SenderSees = Visibility | undefined;

export type SessionCommand =
  | (Stamped & {
      readonly type: 'session.create';
      readonly title: string;
      readonly description?: string | undefined;
      readonly options?: ModelOptions | undefined;
      readonly autoTitle?: boolean | undefined;
      readonly owner?: SessionOwner | undefined;
    })
  | (Stamped & { readonly type: 'session.update'; readonly patch: UpdateChatSession })
  | (Stamped & { readonly type: 'session.archive' | 'session.unarchive' })
  | (Stamped & { readonly type: 'session.close' | 'session.reopen' })
  | (Stamped & {
      readonly type: 'session.hand-over';
      /** Whose it was. */
      readonly from: PrincipalId | null;
      readonly to: PrincipalId;
      readonly tenant: string | null;
      /** Who gives the command. */
      readonly by: PrincipalId;
    })
  | (Stamped & { readonly type: 'session.delete' })
  | (Stamped & {
      readonly type: 'participant.add';
      readonly participant: AddParticipant;
      readonly stored: StoredParticipants | null;
    })
  | (Stamped & {
      readonly type: 'participant.update';
      readonly id: ParticipantId;
      readonly patch: UpdateParticipant;
      readonly stored: StoredParticipants | null;
    })
  | (Stamped & {
      readonly type: 'participant.remove';
      readonly id: ParticipantId;
      readonly stored: StoredParticipants | null;
    })
  | (Stamped & {
      readonly type: 'message.add';
      readonly message: {
        readonly id: MessageId;
        readonly role: MessageRole;
        readonly content: string;
        readonly marks?: readonly MessageMark[] | undefined;
        readonly toolCallId?: string | undefined;
        readonly name?: string | undefined;
      };
      /** Who gives the command; absent: it is not known. */
      readonly author?: MessageAuthor | undefined;
      /** True when the client made the message's id, so that the same id may come again. */
      readonly clientMadeId: boolean;
      /** Present when the role starts the engine. */
      readonly turn?: TurnIdentity;
      /** Who pays for it; absent: nobody. Here and in the other commands that begin a turn. */
      readonly chargedTo?: SessionOwner | undefined;
      /** Options of the model call for this answer; they override the session's. */
      readonly options?: ModelOptions | undefined;
      readonly scopes?: SenderScopes;
      readonly sees?: SenderSees;
      /** Default: `queue`. */
      readonly queue?: QueuePolicy | undefined;
    })
  | (Stamped & {
      /** Answers the question once more, or goes on with an answer. */
      readonly type: 'message.regenerate';
      /** The question, or one of its answers. */
      readonly messageId: MessageId;
      /** Whose question is not known yet. */
      readonly turn: Omit<TurnIdentity, 'promptId'>;
      readonly chargedTo?: SessionOwner | undefined;
      readonly options?: ModelOptions | undefined;
      readonly scopes?: SenderScopes;
      /** True: the turn goes on with the text of the answer `messageId`. */
      readonly continues: boolean;
      readonly stored: StoredPlace | null;
    })
  | (Stamped & {
      /** Adds another version of a question beside it, and has it answered; changes a message that waits. */
      readonly type: 'message.edit';
      readonly messageId: MessageId;
      readonly content: string;
      readonly marks?: readonly MessageMark[] | undefined;
      /** Who gives the command, so whose the new words are. */
      readonly author?: MessageAuthor | undefined;
      /** Its `promptId` is the id of the new version. */
      readonly turn: TurnIdentity;
      readonly chargedTo?: SessionOwner | undefined;
      readonly options?: ModelOptions | undefined;
      readonly scopes?: SenderScopes;
      readonly sees?: SenderSees;
      readonly stored: StoredPlace | null;
    })
  | (Stamped & {
      /** Deletes the message and all below it, or one that waits. */
      readonly type: 'message.delete';
      readonly messageId: MessageId;
      readonly stored: StoredPlace | null;
    })
  | (Stamped & {
      /** Lets a message that waits go first. */
      readonly type: 'message.send-now' | 'message.steer';
      readonly messageId: MessageId;
      readonly stored: StoredPlace | null;
    })
  | (Stamped & {
      readonly type: 'branch.select';
      readonly messageId: MessageId;
      readonly stored: StoredPlace | null;
    })
  | (Stamped & {
      /** Creates a session that begins with a conversation: that of another session up to a message, or a given one. */
      readonly type: 'session.fork' | 'session.import';
      readonly session: Omit<ChatSession, 'id' | 'createdAt' | 'updatedAt' | 'leafId'>;
      readonly conversation: ImportedConversation;
      /** Who takes part from the start. */
      readonly participants?: readonly AddParticipant[] | undefined;
      readonly owner?: SessionOwner | undefined;
    })
  | (Stamped & {
      /** An agent begins to push an answer below the current leaf. */
      readonly type: 'turn.start';
      /** Whose question is the leaf, if it is one. */
      readonly turn: Omit<TurnIdentity, 'promptId'>;
      readonly chargedTo?: SessionOwner | undefined;
      readonly agent: string;
      readonly leaseMs: Milliseconds;
      /** Who gives the command; the answer is of this author. */
      readonly author?: MessageAuthor | undefined;
    })
  | (Stamped & {
      /** An outside agent takes a turn that is offered. */
      readonly type: 'turn.claim';
      readonly turnId: TurnId;
      readonly agent: string;
      readonly leaseMs: Milliseconds;
      readonly author?: MessageAuthor | undefined;
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

/**
 * Who takes part, as stored just before: a session's actor does not know its participants, which only these commands
 * change. `null` in a command: they have not been looked up yet.
 */
export type StoredParticipants = {
  /** Whom the command is about; `null`: nobody takes part under this id. */
  readonly participant: Participant | null;
  readonly count: number;
  readonly owners: number;
};

/**
 * Where a message stands in the stored tree, for commands about messages: a session's actor knows only its leaf and
 * what runs and waits. `null` in a command: the session has no such message, or it has not been looked up yet.
 */
export type StoredPlace = {
  readonly message: MessageFact;
  /** The question: the message itself if it asks for an answer, else the one that it answers; `null`: neither. */
  readonly prompt: MessageFact | null;
  readonly hasChildren: boolean;
  /** The newest message below it that has none below itself; the message itself if there is none. */
  readonly newestLeafId: MessageId;
  /** Is the session's leaf the message, or below it? */
  readonly isOnBranch: boolean;
  /** The leaf to select when the message goes with all below it: the newest one beside it, else its parent. */
  readonly leafWithoutId: MessageId | null;
  /** Queued and running turns whose question, or the message that their answer will stand below, is there or below it. */
  readonly openTurns: readonly TurnId[];
};

/** The result of each command, sent once its effect is durable. */
export type CommandResult = {
  'session.create': ChatSession;
  'session.update': ChatSession;
  'session.archive': ChatSession;
  'session.unarchive': ChatSession;
  'session.close': ChatSession;
  'session.reopen': ChatSession;
  'session.hand-over': ChatSession;
  'session.delete': null;
  'session.fork': ChatSession;
  'session.import': ChatSession;
  'participant.add': Participant;
  'participant.update': Participant;
  'participant.remove': null;
  'message.add': ChatMessage;
  'message.regenerate': TurnIdentity;
  'message.edit': ChatMessage;
  'message.delete': null;
  'message.send-now': ChatMessage;
  'message.steer': ChatMessage;
  'branch.select': ChatSession;
  'turn.start': TurnIdentity;
  'turn.claim': TurnIdentity;
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
      /** As in events. */
      readonly lane?: TraceId;
      readonly result: unknown;
    }
  | {
      readonly type: 'command.refused';
      readonly sessionId: SessionId | null;
      readonly commandId: CommandId;
      readonly lane?: TraceId;
      readonly refusal: Refusal;
    };
