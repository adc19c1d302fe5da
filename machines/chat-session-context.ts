/** The context of a session's actor, and the events that it handles. */
import type { DoneActorEvent } from 'xstate';
import type { MessageFact } from '../schema/chat-message.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { SessionCommand } from '../schema/commands.ts';
import type { MessageId, SessionId } from '../schema/ids.ts';
import { type ModelOptions, patchedModelOptions, type UpdateModelOptions } from '../schema/model-options.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import type { ToolDecision } from '../schema/tool-decision.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import type { MessageAdded, TurnBounds, TurnInput, TurnOutput } from './turn-context.ts';

/** From what a session wakes: nothing, or its stored row with what waits. */
export type SessionInput = {
  readonly sessionId: SessionId;
  /** The engine's name; sent as `agentId`. */
  readonly agentId: string;
  readonly stored: { readonly session: ChatSession; readonly queue: readonly QueueEntry[] } | null;
  /** When the actor wakes. */
  readonly at: Milliseconds;
  /** True when the process is stopping: a session that wakes for a read or a rename then starts no turn. */
  readonly parked: boolean;
  readonly turnBounds?: TurnBounds | undefined;
};

/** A queued turn, with everything that it needs to run. */
export type WaitingTurn = TurnIdentity &
  Pick<
    TurnInput,
    'traceCreatedAt' | 'options' | 'scopes' | 'chargedTo' | 'resumed' | 'continues' | 'continuesAt' | 'pushed'
  > & {
    /** True: the running turn ends before its next model call, to let this one begin. */
    readonly steers?: boolean | undefined;
  };

/** Something that waits for its turn. */
export type QueueEntry = {
  /** The least is next. */
  readonly rank: number;
  /** It comes into the tree when the entry is next; `null`: the question of the turn is there already. */
  readonly message: MessageFact | null;
  /** `null`: the message is only stored, or its turn was cancelled. */
  readonly turn: WaitingTurn | null;
};

export type SessionEvent =
  | SessionCommand
  /** The process is about to stop: no further turn starts; queued turns stay queued for the next process. */
  | { readonly type: 'session.park'; readonly at: Milliseconds }
  /** The process cannot wait any longer: the running turn ends as interrupted. */
  | { readonly type: 'session.interrupt'; readonly at: Milliseconds; readonly reason: string }
  /** Said to itself, once what it says as it wakes can be heard before what its turns say. */
  | { readonly type: 'session.woke' }
  | MessageAdded
  | TitleEvent
  | DoneActorEvent<TurnOutput, `turn.${string}`>;

export type MessageDeletion = Extract<SessionCommand, { type: 'message.delete' }>;

/** What came of asking a model for a title. */
export type TitleEvent =
  | { readonly type: 'title.made'; readonly at: Milliseconds; readonly title: string }
  | { readonly type: 'title.failed'; readonly at: Milliseconds };

/** A title is made of a question and its answer. */
export type TitlerInput = {
  readonly sessionId: SessionId;
  readonly promptId: MessageId;
  readonly answerId: MessageId;
  readonly options: ModelOptions;
};

export type SessionContext = {
  readonly sessionId: SessionId;
  readonly agentId: string;
  /** `null` until `session.create`. */
  readonly session: ChatSession | null;
  /** By rank. */
  readonly queue: readonly QueueEntry[];
  readonly running: (TurnIdentity & Pick<WaitingTurn, 'options' | 'pushed'>) | null;
  /** True while a model is being asked for a title. */
  readonly titling: boolean;
  /** Decisions of people about calls of the turn that ended last. */
  readonly decided: readonly ToolDecision[];
  /** Commands that delete the messages of the running turn, which is being cancelled. */
  readonly pruning: readonly MessageDeletion[];
  /** The command that deletes the session, once it has come. */
  readonly deletion: Extract<SessionCommand, { type: 'session.delete' }> | null;
  /** False until `session.woke`: nothing is placed or begun. */
  readonly awake: boolean;
  /** True: no further turn starts. */
  readonly parked: boolean;
  readonly turnBounds: TurnBounds | undefined;
  /** The latest time of any event; never steps back. */
  readonly now: Milliseconds;
};

export function initialSession(input: SessionInput): SessionContext {
  return {
    sessionId: input.sessionId,
    agentId: input.agentId,
    session: input.stored?.session ?? null,
    queue: input.stored?.queue ?? [],
    running: null,
    titling: false,
    decided: [],
    pruning: [],
    deletion: null,
    awake: input.stored === null || input.stored.queue.length === 0,
    parked: input.parked,
    turnBounds: input.turnBounds,
    now: input.at,
  };
}

/**
 * The session with `updatedAt` set to `at`, but at least 1 ms later than before, whatever the clock did
 * (docs/protocol.md A2).
 */
export function touched(session: ChatSession, at: Milliseconds): ChatSession {
  const updatedAt = Math.max(at, millisecondsOf(session.updatedAt) + 1);
  return { ...session, updatedAt: isoTimestamp(updatedAt) };
}

/** Keys are in the order of docs/protocol.md A2; `description: null` clears it, an absent key keeps it (B9 there). */
export function patched(
  session: ChatSession,
  patch: {
    readonly title?: string | undefined;
    readonly description?: string | null | undefined;
    readonly options?: UpdateModelOptions | null | undefined;
  },
): ChatSession {
  const { id, status, createdAt, updatedAt, leafId, autoTitle, closedAt, forkedFrom } = session;
  const description = patch.description === undefined ? session.description : patch.description;
  const options =
    patch.options === undefined ? session.options : patchedModelOptions(session.options, patch.options);
  return {
    id,
    title: patch.title ?? session.title,
    ...(description === null || description === undefined ? {} : { description }),
    status,
    createdAt,
    updatedAt,
    ...(options === undefined ? {} : { options }),
    ...(leafId === undefined ? {} : { leafId }),
    // Whoever names a session has named it for good.
    ...(autoTitle === undefined || patch.title !== undefined ? {} : { autoTitle }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(forkedFrom === undefined ? {} : { forkedFrom }),
  };
}
