/** What a turn remembers while it runs, and the events that move it. */
import type { AnyActorRef, DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { MessageId, SessionId, ToolCallId } from '../schema/ids.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { TurnIdentity, TurnOutcome } from '../schema/turn-record.ts';
import type { AnswerOpened } from './answer.ts';
import type { ToolCallOutput } from './tool-call.ts';

/** A call that the model asked for. */
export type AskedCall = {
  readonly id: ToolCallId;
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
};

/** A call with its end, once it has one. */
export type TurnCall = AskedCall & {
  readonly status: 'asked' | 'running' | 'completed' | 'failed';
  /** Result or error; empty until it ended. */
  readonly result: string;
};

export type TurnInput = TurnIdentity & {
  /** Hears {@link MessageAdded}. Named here, because a turn that is stepped with `transition()` has no parent. */
  readonly session: AnyActorRef;
  /** The engine's name; goes out as `agentId`. */
  readonly agentId: string;
  readonly at: Milliseconds;
  /** When the trace of this turn was created by a run that a crash ended before its first model call (I11). */
  readonly traceCreatedAt: Milliseconds | null;
};

export type TurnEvent =
  /** Everything before the model call is durable; the call is made once this is, too. */
  | { readonly type: 'engine.starting'; readonly at: Milliseconds }
  /** The engine is about to send its first piece of this model call to the answer. */
  | { readonly type: 'engine.began'; readonly at: Milliseconds }
  | { readonly type: 'engine.toolCall'; readonly at: Milliseconds; readonly call: AskedCall }
  | { readonly type: 'engine.finished'; readonly at: Milliseconds }
  | { readonly type: 'engine.failed'; readonly at: Milliseconds; readonly error: string }
  | AnswerOpened
  | { readonly type: 'turn.cancel'; readonly at: Milliseconds }
  | { readonly type: 'turn.interrupt'; readonly at: Milliseconds; readonly reason: string }
  | DoneActorEvent<ToolCallOutput, `toolCall.${string}`>
  | ErrorActorEvent<unknown>;

export type TurnContext = TurnInput & {
  /** The latest time heard of; never steps back. */
  readonly now: Milliseconds;
  /** Model calls started, this one included. */
  readonly step: number;
  /** Calls of this step, in the order in which the model asked. */
  readonly calls: readonly TurnCall[];
  /** Calls of the steps before. */
  readonly earlierCalls: readonly TurnCall[];
  readonly answerSpawned: boolean;
  /** The answer has text, so its message exists. */
  readonly answerOpened: boolean;
  /** Why it failed, was cancelled or interrupted. */
  readonly reason: string | null;
  /** Set on the way into a final state. */
  readonly outcome: TurnOutcome | null;
};

export type TurnOutput = {
  readonly turnId: TurnIdentity['turnId'];
  readonly outcome: TurnOutcome | null;
  readonly at: Milliseconds;
};

/** What the engine actor gets for one model call. */
export type EngineInput = {
  readonly sessionId: SessionId;
  readonly promptId: MessageId;
  readonly step: number;
  readonly results: readonly TurnCall[];
};

/** To the session: a message of this turn now exists, so the session's `updatedAt` moves. */
export type MessageAdded = { readonly type: 'message.added'; readonly at: Milliseconds };

export function initialTurn(input: TurnInput): TurnContext {
  return {
    ...input,
    now: input.at,
    step: 1,
    calls: [],
    earlierCalls: [],
    answerSpawned: false,
    answerOpened: false,
    reason: null,
    outcome: null,
  };
}

/** Would the end of call `id` leave no call of this step open? */
export function isLastOpenCall(context: TurnContext, id: ToolCallId): boolean {
  return context.calls.every((call) => call.id === id || call.status !== 'running');
}
