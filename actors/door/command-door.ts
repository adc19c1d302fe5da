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
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type {
  AddParticipant,
  Participant,
  ParticipantId,
  UpdateParticipant,
} from '../../schema/participant.ts';
import type { Layout, ShownLayout } from '../../schema/preferences.ts';
import type { Principal, PrincipalId } from '../../schema/principal.ts';
import type { ClaimedTurn, ClaimTurn, StartedTurn, StartTurn } from '../../schema/pushed-turn.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type {
  RegisteredTool,
  RegisterTool,
  ToolWithSecret,
  UpdateTool,
} from '../../schema/registered-tool.ts';
import type { RuntimeConfig, UpdateRuntimeConfig } from '../../schema/runtime-config.ts';
import type { ToolDecision } from '../../schema/tool-decision.ts';
import type { Trace } from '../../schema/trace.ts';
import type { AppendedSpans, GivenSpan } from '../../schema/trace-span.ts';
import type { CancelledTurns, TurnIdentity } from '../../schema/turn-record.ts';
import type { TurnDoor } from '../pushed-turns/turn-door.ts';
import type { KeyDoor } from './key-door.ts';

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

/** A command that needs nothing but the name of a registered tool. */
type ConcernTool<Result> = (name: string, named?: Named) => Promise<Outcome<Result>>;

/** A session that begins with a conversation. */
export type NewConversation = {
  readonly session: CreateChatSession;
  readonly conversation: ImportedConversation;
  readonly participants?: readonly AddParticipant[] | undefined;
};

type ChangeSession = (id: SessionId, named?: Named) => Promise<Outcome<ChatSession>>;

export type CommandDoor = KeyDoor & {
  /** `owner`: whose the session will be, here and in the other commands that make one; absent: nobody's. */
  readonly createSession: (
    body: CreateChatSession,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<ChatSession>>;
  readonly updateSession: (
    id: SessionId,
    patch: UpdateChatSession,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<ChatSession>>;
  readonly archiveSession: ChangeSession;
  readonly unarchiveSession: ChangeSession;
  /** Gives the session to another principal; `by` is recorded in the audit. */
  readonly handOverSession: (
    id: SessionId,
    to: { readonly owner: PrincipalId; readonly tenant: string | null },
    by: PrincipalId,
    named?: Named,
  ) => Promise<Outcome<ChatSession>>;
  /** Takes no more messages; what it took before is still answered. Idempotent, and so is reopening. */
  readonly closeSession: ChangeSession;
  readonly reopenSession: ChangeSession;
  /** Whoever adds somebody again in the same way is answered as the first time. */
  readonly addParticipant: (
    session: SessionId,
    body: AddParticipant,
    named?: Named,
  ) => Promise<Outcome<Participant>>;
  readonly updateParticipant: (
    session: SessionId,
    participant: ParticipantId,
    patch: UpdateParticipant,
    named?: Named,
  ) => Promise<Outcome<Participant>>;
  readonly removeParticipant: (
    session: SessionId,
    participant: ParticipantId,
    named?: Named,
  ) => Promise<Outcome<null>>;
  readonly deleteSession: (id: SessionId, named?: Named) => Promise<Outcome<null>>;
  /**
   * Answers before the engine runs (docs/protocol.md A2). A message id that was used before in the session has no
   * second effect (I10). `by` is its author, and pays for the turn, here and in the other commands that begin one. Refused
   * `tokens_per_day` when it has none left.
   */
  readonly addMessage: (
    session: SessionId,
    body: CreateChatMessage,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<ChatMessage>>;
  /** Answers with the new turn before the engine runs; its `answerId` is that of the new answer, or of the continued one. */
  readonly regenerateMessage: (
    session: SessionId,
    message: MessageId,
    body: RegenerateMessage,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<TurnIdentity>>;
  /** Answers with the new version of the question, or with the changed message that waits. */
  readonly editMessage: (
    session: SessionId,
    message: MessageId,
    body: EditMessage,
    named?: Named,
    by?: Principal,
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
    by?: Principal,
  ) => Promise<Outcome<ChatSession>>;
  /** The conversation gets new ids. */
  readonly importSession: (
    body: NewConversation,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<ChatSession>>;
  /**
   * An agent begins to push an answer below the current leaf. A repetition gets the same lease. 409 while another turn
   * of the session runs or waits.
   */
  readonly startTurn: (
    session: SessionId,
    body: StartTurn,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<StartedTurn>>;
  /**
   * An outside agent takes a turn that is offered, and learns what a model would be given. A repetition under the same
   * name gets the same lease. 409 when the turn is not offered to it, or not any more.
   */
  readonly claimTurn: (
    turn: TurnId,
    body: ClaimTurn,
    named?: Named,
    by?: Principal,
  ) => Promise<Outcome<ClaimedTurn>>;
  /** For agents that push turns: parts, ends, and how far a turn is. */
  readonly turns: Pick<TurnDoor, 'push' | 'openStream' | 'finish' | 'fail' | 'state' | 'list' | 'shown'>;
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
  /** Answers with the secret, which no later answer has; a repetition of the same command has it again. */
  readonly registerTool: (body: RegisterTool, named?: Named) => Promise<Outcome<ToolWithSecret>>;
  /** Calls that run keep the definition that they began with. */
  readonly updateTool: (name: string, patch: UpdateTool, named?: Named) => Promise<Outcome<RegisteredTool>>;
  /** Idempotent. */
  readonly activateTool: ConcernTool<RegisteredTool>;
  /** No call begins any more; those that run go on. Idempotent. */
  readonly deactivateTool: ConcernTool<RegisteredTool>;
  /** Answers with the new secret, like `registerTool`. */
  readonly rotateToolSecret: ConcernTool<ToolWithSecret>;
  /** The last committed ones, in the order of their names. */
  readonly registeredTools: () => readonly RegisteredTool[];
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
  /** Without a session it belongs to `by`; default: nobody. */
  readonly createTrace: (body: CreateTrace, named?: Named, by?: Principal) => Promise<Outcome<Trace>>;
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
  'session.unarchive': 'unarchiveSession',
  'session.hand-over': 'handOverSession',
  'session.close': 'closeSession',
  'session.reopen': 'reopenSession',
  'session.delete': 'deleteSession',
  'session.fork': 'forkSession',
  'session.import': 'importSession',
  'participant.add': 'addParticipant',
  'participant.update': 'updateParticipant',
  'participant.remove': 'removeParticipant',
  'message.add': 'addMessage',
  'message.regenerate': 'regenerateMessage',
  'message.edit': 'editMessage',
  'message.delete': 'deleteMessage',
  'message.send-now': 'sendMessageNow',
  'message.steer': 'steerMessage',
  'branch.select': 'selectBranch',
  'turn.start': 'startTurn',
  'turn.claim': 'claimTurn',
  'turn.cancel': 'cancelTurns',
  'tool.approve': 'approveToolCall',
  'tool.deny': 'denyToolCall',
} as const satisfies { readonly [Type in SessionCommandType]: keyof Omit<CommandDoor, 'turns'> };
