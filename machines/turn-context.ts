/** What a turn remembers while it runs, and the events that move it. */
import type { AnyActorRef, DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { EngineErrorCode } from '../schema/engine-error.ts';
import type { MessageId, SessionId, ToolCallId } from '../schema/ids.ts';
import type { JsonValue } from '../schema/json-value.ts';
import { limits } from '../schema/limits.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import type { FinishReason, ModelUsage } from '../schema/model-usage.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { CallApproval, ToolDecision } from '../schema/tool-decision.ts';
import type { EndedStep, TurnIdentity, TurnOutcome } from '../schema/turn-record.ts';
import type { AnswerOpened, RestoredAnswer } from './answer.ts';
import type { ToolCallOutput } from './tool-call.ts';
import type { DecisionCommand } from './tool-decision.ts';

/** A call that the model asked for. */
export type AskedCall = {
  readonly id: ToolCallId;
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
  /** Present when a person must decide first; `timeoutMs` `null`: however long that takes. */
  readonly approval?: { readonly timeoutMs: Milliseconds | null };
};

/** A call with its end, once it has one. */
export type TurnCall = Omit<AskedCall, 'approval'> & {
  /** The model call that asked for it. */
  readonly step: number;
  readonly needsApproval: boolean;
  readonly approvalTimeoutMs: Milliseconds | null;
  readonly approvalDeadline: Milliseconds | null;
  readonly approval: CallApproval | null;
  readonly status: 'asked' | 'awaitingApproval' | 'running' | 'completed' | 'failed';
  /** Result or error; empty until it ended. */
  readonly result: string;
  readonly ranMs: Milliseconds;
};

/** What one turn may take; at each bound it fails. */
export type TurnBounds = {
  /** Model calls. */
  readonly stepsMax: number;
  /** Tokens of all model calls together. */
  readonly tokensMax: number;
  /** Time of models and tools together, waiting for people not counted. */
  readonly msMax: Milliseconds;
};

export const defaultTurnBounds: TurnBounds = {
  stepsMax: limits.turnStepsMax,
  tokensMax: limits.turnTokensMax,
  msMax: limits.turnMsMax,
};

/** Where a turn that waited for a person goes on after its actors were gone (I11). */
export type ResumedTurn = {
  readonly step: number;
  readonly steps: readonly EndedStep[];
  /** Calls of this step; at least one awaits approval. */
  readonly calls: readonly TurnCall[];
  readonly earlierCalls: readonly TurnCall[];
  /** `null`: it has said nothing yet. */
  readonly answer: RestoredAnswer | null;
};

export type TurnInput = TurnIdentity & {
  /** Hears {@link MessageAdded}. Named here, because a turn that is stepped with `transition()` has no parent. */
  readonly session: AnyActorRef;
  /** The engine's name; goes out as `agentId`. */
  readonly agentId: string;
  readonly at: Milliseconds;
  /** When the trace of this turn was created by a run that a crash ended before its first model call (I11). */
  readonly traceCreatedAt: Milliseconds | null;
  /** How the model is asked, over the server's own options. */
  readonly options?: ModelOptions | undefined;
  readonly bounds?: TurnBounds | undefined;
  readonly resumed?: ResumedTurn | undefined;
};

export type TurnEvent =
  /** Everything before the model call is durable; the call is made once this is, too. */
  | { readonly type: 'engine.starting'; readonly at: Milliseconds }
  /** The engine is about to send its first piece of this model call to the answer. */
  | { readonly type: 'engine.began'; readonly at: Milliseconds }
  | { readonly type: 'engine.toolCall'; readonly at: Milliseconds; readonly call: AskedCall }
  | ({ readonly type: 'engine.finished'; readonly at: Milliseconds } & Partial<EngineEnd>)
  | {
      readonly type: 'engine.failed';
      readonly at: Milliseconds;
      readonly error: string;
      /** Default `unknown`. */
      readonly code?: EngineErrorCode;
      readonly retryAfterMs?: Milliseconds | undefined;
      /** From 0 up to 1; default 0.5. A pure machine draws no lots. */
      readonly jitter?: number;
    }
  | AnswerOpened
  | DecisionCommand
  | { readonly type: 'turn.cancel'; readonly at: Milliseconds }
  | { readonly type: 'turn.interrupt'; readonly at: Milliseconds; readonly reason: string }
  | DoneActorEvent<ToolCallOutput, `toolCall.${string}`>
  | ErrorActorEvent<unknown>;

/** What a model call that finished says of itself. */
export type EngineEnd = {
  readonly finishReason: FinishReason;
  readonly usage: ModelUsage;
  readonly model: string | undefined;
  readonly continuation: JsonValue | undefined;
  /** Length of the answer so far, UTF-16 units. */
  readonly answerUnits: number;
  /** Present when a call of this step needs a person. */
  readonly reasoning: { readonly text: string; readonly open: boolean } | undefined;
};

export type TurnContext = Omit<TurnInput, 'resumed' | 'bounds'> & {
  readonly bounds: TurnBounds;
  readonly resumed: ResumedTurn | null;
  /** The latest time heard of; never steps back. */
  readonly now: Milliseconds;
  /** Model calls started, this one included. */
  readonly step: number;
  /** Counts from 1 within the step. */
  readonly attempt: number;
  /** Wait before the next attempt. */
  readonly retryDelayMs: Milliseconds;
  /** Attempts that failed and were made again, of all steps. */
  readonly retries: number;
  /** Model calls that ended well. */
  readonly steps: readonly EndedStep[];
  /** Time that models and tools took, up to the last change between them. */
  readonly activeMs: Milliseconds;
  /** When the model call began. */
  readonly calledAt: Milliseconds;
  /** Calls of this step, in the order in which the model asked. */
  readonly calls: readonly TurnCall[];
  /** Calls of the steps before. */
  readonly earlierCalls: readonly TurnCall[];
  readonly answerSpawned: boolean;
  /** The answer has text, so its message exists. */
  readonly answerOpened: boolean;
  /** Why it failed, was cancelled or interrupted. */
  readonly reason: string | null;
  /** The class of a failure of the engine. */
  readonly errorCode: EngineErrorCode | null;
  /** Set on the way into a final state. */
  readonly outcome: TurnOutcome | null;
};

export type TurnOutput = {
  readonly turnId: TurnIdentity['turnId'];
  readonly outcome: TurnOutcome | null;
  readonly at: Milliseconds;
  /** What people decided about its calls, so that repeating it is answered alike. */
  readonly decided: readonly ToolDecision[];
};

/** What the engine actor gets for one model call. */
export type EngineInput = {
  readonly sessionId: SessionId;
  readonly promptId: MessageId;
  readonly answerId: MessageId;
  readonly step: number;
  readonly attempt: number;
  readonly options: ModelOptions;
  /** The model calls before this one, and what they called. */
  readonly steps: readonly EndedStep[];
  readonly results: readonly TurnCall[];
};

/** To the session: a message of this turn now exists, so the session's `updatedAt` moves. */
export type MessageAdded = { readonly type: 'message.added'; readonly at: Milliseconds };

export function initialTurn(input: TurnInput): TurnContext {
  const { resumed = null, bounds = defaultTurnBounds, ...rest } = input;
  return {
    ...rest,
    bounds,
    resumed,
    now: input.at,
    step: resumed?.step ?? 1,
    attempt: 1,
    retryDelayMs: 0,
    retries: 0,
    steps: resumed?.steps ?? [],
    activeMs: 0,
    calledAt: input.at,
    calls: resumed?.calls ?? [],
    earlierCalls: resumed?.earlierCalls ?? [],
    answerSpawned: false,
    answerOpened: resumed !== null && resumed.answer !== null && resumed.answer.text !== null,
    reason: null,
    errorCode: null,
    outcome: null,
  };
}

/** Would the end of call `id` leave no call of this step open? */
export function isLastOpenCall(context: TurnContext, id: ToolCallId): boolean {
  return context.calls.every((call) => call.id === id || !isOpen(call));
}

export function isOpen(call: TurnCall): boolean {
  return call.status === 'running' || call.status === 'awaitingApproval';
}

/** A person is waited for and nothing runs: what the rows say is all there is, and time does not press. */
export function waitsForPeople({ calls }: Pick<TurnContext, 'calls'>): boolean {
  return (
    calls.some((call) => call.status === 'awaitingApproval') &&
    calls.every((call) => call.status !== 'running' && call.status !== 'asked')
  );
}
