/**
 * The command door: every command enters here. It adds time and ids to commands, admits them within bounds, and
 * answers when their effect is durable (I2, I10). Gateways know this type and nothing behind it.
 */
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { ChatSession, CreateChatSession, UpdateChatSession } from '../../schema/chat-session.ts';
import type { CreateTrace, FinaliseTrace } from '../../schema/client-trace.ts';
import type { Idempotency, SessionCommandType } from '../../schema/commands.ts';
import type {
  CreateChatMessage,
  EditMessage,
  ForkSession,
  RegenerateMessage,
} from '../../schema/create-message.ts';
import type { MessageId, SessionId, ToolCallId, TraceId } from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { Layout, ShownLayout } from '../../schema/preferences.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type { RuntimeConfig, UpdateRuntimeConfig } from '../../schema/runtime-config.ts';
import type { ToolDecision } from '../../schema/tool-decision.ts';
import type { Trace } from '../../schema/trace.ts';
import type { AppendedSpans, GivenSpan } from '../../schema/trace-span.ts';
import type { CancelledTurns, TurnIdentity } from '../../schema/turn-record.ts';

/** The client's name for the command, if it gave one: repeating the name returns the stored answer. */
export type Named = Idempotency | undefined;

type DecideToolCall = (
  session: SessionId,
  call: ToolCallId,
  reason?: string,
  named?: Named,
) => Promise<Outcome<ToolDecision>>;

/** A command that needs nothing but the message's id. */
type ConcernMessage<Result> = (
  session: SessionId,
  message: MessageId,
  named?: Named,
) => Promise<Outcome<Result>>;

/** A session that begins with a conversation. */
export type NewConversation = {
  readonly session: CreateChatSession;
  readonly conversation: ImportedConversation;
};

export type CommandDoor = {
  readonly createSession: (body: CreateChatSession, named?: Named) => Promise<Outcome<ChatSession>>;
  readonly updateSession: (
    id: SessionId,
    patch: UpdateChatSession,
    named?: Named,
  ) => Promise<Outcome<ChatSession>>;
  readonly archiveSession: (id: SessionId, named?: Named) => Promise<Outcome<ChatSession>>;
  readonly deleteSession: (id: SessionId, named?: Named) => Promise<Outcome<null>>;
  /**
   * Answers before the engine runs (docs/protocol.md A2). A message id that was used before has no second effect
   * (I10).
   */
  readonly addMessage: (
    session: SessionId,
    body: CreateChatMessage,
    named?: Named,
  ) => Promise<Outcome<ChatMessage>>;
  /** Answers with the new turn before the engine runs; its `answerId` is that of the new answer, or of the continued one. */
  readonly regenerateMessage: (
    session: SessionId,
    message: MessageId,
    body: RegenerateMessage,
    named?: Named,
  ) => Promise<Outcome<TurnIdentity>>;
  /** Answers with the new version of the question, or with the changed message that waits. */
  readonly editMessage: (
    session: SessionId,
    message: MessageId,
    body: EditMessage,
    named?: Named,
  ) => Promise<Outcome<ChatMessage>>;
  readonly deleteMessage: ConcernMessage<null>;
  readonly sendMessageNow: ConcernMessage<ChatMessage>;
  readonly steerMessage: ConcernMessage<ChatMessage>;
  readonly selectBranch: ConcernMessage<ChatSession>;
  /** Copies the conversation of `session` up to a message into a new session, under new ids. */
  readonly forkSession: (
    session: SessionId,
    body: ForkSession,
    named?: Named,
  ) => Promise<Outcome<ChatSession>>;
  /** The conversation gets new ids. */
  readonly importSession: (body: NewConversation, named?: Named) => Promise<Outcome<ChatSession>>;
  /** Cancels the turn that answers `promptId`, or all turns of the session; the text so far is kept. Idempotent. */
  readonly cancelTurns: (
    session: SessionId,
    promptId?: MessageId,
    named?: Named,
  ) => Promise<Outcome<CancelledTurns>>;
  /** A person approves the call. Repeating it is harmless. */
  readonly approveToolCall: DecideToolCall;
  /** A person denies the call; the model gets the denial with its reason. */
  readonly denyToolCall: DecideToolCall;
  /** Merges `patch` into the stored layout; resolves with the whole once it is stored. `owner` names the API key. */
  readonly updateLayout: (owner: string, patch: Layout) => Promise<Outcome<ShownLayout>>;
  /** Answers with the whole config, like the next two. `by` names who gives the command, for the history. */
  readonly updateConfig: (
    patch: UpdateRuntimeConfig,
    by: string,
    named?: Named,
  ) => Promise<Outcome<RuntimeConfig>>;
  readonly setFlag: (
    flag: { readonly name: string; readonly value: boolean },
    by: string,
    named?: Named,
  ) => Promise<Outcome<RuntimeConfig>>;
  /** Takes the config back to its defaults. */
  readonly resetConfig: (by: string, named?: Named) => Promise<Outcome<RuntimeConfig>>;
  /** A trace of the client's own; a repetition with its id and content is answered like the first. */
  readonly createTrace: (body: CreateTrace, named?: Named) => Promise<Outcome<Trace>>;
  /** All of them or none; those that are stored already have no second effect. */
  readonly appendSpans: (
    trace: TraceId,
    spans: readonly GivenSpan[],
    named?: Named,
  ) => Promise<Outcome<AppendedSpans>>;
  /** Nothing can be appended to it from then on. */
  readonly finaliseTrace: (trace: TraceId, body: FinaliseTrace, named?: Named) => Promise<Outcome<Trace>>;
  /** The last committed runtime config. */
  readonly runtimeConfig: () => RuntimeConfig;
};

/** The method of the door for each command; the compiler demands one. */
export const doorMethods = {
  'session.create': 'createSession',
  'session.update': 'updateSession',
  'session.archive': 'archiveSession',
  'session.delete': 'deleteSession',
  'session.fork': 'forkSession',
  'session.import': 'importSession',
  'message.add': 'addMessage',
  'message.regenerate': 'regenerateMessage',
  'message.edit': 'editMessage',
  'message.delete': 'deleteMessage',
  'message.send-now': 'sendMessageNow',
  'message.steer': 'steerMessage',
  'branch.select': 'selectBranch',
  'turn.cancel': 'cancelTurns',
  'tool.approve': 'approveToolCall',
  'tool.deny': 'denyToolCall',
} as const satisfies { readonly [Type in SessionCommandType]: keyof CommandDoor };
