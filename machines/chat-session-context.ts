/** The context of a session's actor, and the events that it handles. */
import type { DoneActorEvent } from 'xstate';
import type { ChatSession } from '../schema/chat-session.ts';
import type { SessionCommand } from '../schema/commands.ts';
import type { SessionId } from '../schema/ids.ts';
import { patchedModelOptions, type UpdateModelOptions } from '../schema/model-options.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import type { ToolDecision } from '../schema/tool-decision.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import type { MessageAdded, TurnBounds, TurnInput, TurnOutput } from './turn-context.ts';

/** From what a session wakes: nothing, or its stored row with the unfinished turns, oldest first. */
export type SessionInput = {
  readonly sessionId: SessionId;
  /** The engine's name; sent as `agentId`. */
  readonly agentId: string;
  readonly stored: { readonly session: ChatSession; readonly waiting: readonly WaitingTurn[] } | null;
  /** When the actor wakes. */
  readonly at: Milliseconds;
  /** True when the process is stopping: a session that wakes for a read or a rename then starts no turn. */
  readonly parked: boolean;
  readonly turnBounds?: TurnBounds | undefined;
};

/** A queued turn, with everything that it needs to run. */
export type WaitingTurn = TurnIdentity & Pick<TurnInput, 'traceCreatedAt' | 'options' | 'resumed'>;

export type SessionEvent =
  | SessionCommand
  /** The process is about to stop: no further turn starts; queued turns stay queued for the next process. */
  | { readonly type: 'session.park'; readonly at: Milliseconds }
  /** The process cannot wait any longer: the running turn ends as interrupted. */
  | { readonly type: 'session.interrupt'; readonly at: Milliseconds; readonly reason: string }
  | MessageAdded
  | DoneActorEvent<TurnOutput, `turn.${string}`>;

export type SessionContext = {
  readonly sessionId: SessionId;
  readonly agentId: string;
  /** `null` until `session.create`. */
  readonly session: ChatSession | null;
  readonly waiting: readonly WaitingTurn[];
  readonly running: TurnIdentity | null;
  /** Decisions of people about calls of the turn that ended last. */
  readonly decided: readonly ToolDecision[];
  /** The command that deletes the session, once it has come. */
  readonly deletion: Extract<SessionCommand, { type: 'session.delete' }> | null;
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
    waiting: input.stored?.waiting ?? [],
    running: null,
    decided: [],
    deletion: null,
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
  const { id, status, createdAt, updatedAt } = session;
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
  };
}
