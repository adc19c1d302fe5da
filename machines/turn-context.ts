/** The context of a turn, and the events that it handles. */
import type { AnyActorRef, DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { SessionOwner } from '../schema/authorization.ts';
import type { DecisionCommand } from '../schema/command-table.ts';
import type { SessionCommand } from '../schema/commands.ts';
import type { Continuation } from '../schema/continuation.ts';
import type { EngineErrorCode } from '../schema/engine-error.ts';
import type { MessageId, SessionId, ToolCallId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { FilePart } from '../schema/message-part.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import type { FinishReason, ModelUsage } from '../schema/model-usage.ts';
import type { Scope } from '../schema/principal.ts';
import { storableText } from '../schema/text.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { CallApproval, ToolDecision } from '../schema/tool-decision.ts';
import type { EndedStep, PushedTurn, TurnIdentity, TurnOutcome } from '../schema/turn-record.ts';
import type { AnswerOpened, AnswerSpoke, RestoredAnswer } from './answer.ts';
import type { ToolCallOutput } from './tool-call.ts';

/** A call that the model requested. */
export type AskedCall = {
  readonly id: ToolCallId;
  /** Empty: it has none. Not unique. */
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
  /** Present when a person must decide first; `timeoutMs` `null`: without a time limit. */
  readonly approval?: { readonly timeoutMs: Milliseconds | null };
};

/** A call, with its result once it has ended. */
export type TurnCall = Omit<AskedCall, 'approval'> & {
  /** The model call that requested it. */
  readonly step: number;
  readonly needsApproval: boolean;
  readonly approvalTimeoutMs: Milliseconds | null;
  readonly approvalDeadline: Milliseconds | null;
  readonly approval: CallApproval | null;
  /** Why it is not run, though it was asked for; absent: it may run. */
  readonly refusal?: string | undefined;
  readonly status: 'asked' | 'awaitingApproval' | 'running' | 'completed' | 'failed';
  /** Result or error; empty until the call ended. */
  readonly result: string;
  /** What the tool returned beside its result; absent: nothing. */
  readonly files?: readonly FilePart[] | undefined;
  readonly ranMs: Milliseconds;
};

/** The bounds of one turn; it fails when it exceeds one. */
export type TurnBounds = {
  /** How many model calls. */
  readonly stepsMax: number;
  /** How many tokens in all model calls together. */
  readonly tokensMax: number;
  /** How long models and tools may take together, without the time spent waiting for people. */
  readonly msMax: Milliseconds;
  /** How long it may wait for an outside agent to claim it. */
  readonly claimMs: Milliseconds;
};

export const defaultTurnBounds: TurnBounds = {
  stepsMax: limits.turnStepsMax,
  tokensMax: limits.turnTokensMax,
  msMax: limits.turnMsMax,
  claimMs: limits.claimMsMax,
};

/** The point at which a turn that waited for a person continues after its actors had gone (I11). */
export type ResumedTurn = {
  readonly step: number;
  readonly steps: readonly EndedStep[];
  /** Calls of this step; at least one waits for approval, unless an agent pushes the turn. */
  readonly calls: readonly TurnCall[];
  readonly earlierCalls: readonly TurnCall[];
  /** `null`: there is no answer yet. */
  readonly answer: RestoredAnswer | null;
  /** Of a turn that an agent pushes: everything up to this part is stored. */
  readonly received?: number | undefined;
};

export type TurnInput = TurnIdentity & {
  /**
   * Receives {@link MessageAdded}. Given explicitly, because a turn that is stepped with `transition()` has no
   * parent.
   */
  readonly session: AnyActorRef;
  /** The engine's name; sent as `agentId`. */
  readonly agentId: string;
  readonly at: Milliseconds;
  /** When the trace of this turn was created, if an earlier run crashed before its first model call (I11). */
  readonly traceCreatedAt: Milliseconds | null;
  /** Options of the model calls; they override the server's. */
  readonly options?: ModelOptions | undefined;
  /** What the sender of the question is allowed; absent: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly bounds?: TurnBounds | undefined;
  readonly resumed?: ResumedTurn | undefined;
  /** The answer that it goes on with; absent: the answer is its own. */
  readonly continues?: RestoredAnswer | undefined;
  /** Where its text begins in that answer, UTF-16 units. */
  readonly continuesAt?: number | undefined;
  /** Present when an agent pushes it from outside. */
  readonly pushed?: PushedTurn | undefined;
  /** Who pays for its tokens; absent: nobody. */
  readonly chargedTo?: SessionOwner | undefined;
  /** True: a message waits for it to end before its next model call. */
  readonly yields?: boolean | undefined;
};

export type TurnEvent =
  /** Everything before the model call is durable; the call is made once this event is durable, too. */
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
      /** From 0 up to 1; default 0.5. Given with the event, because a pure machine cannot draw random numbers. */
      readonly jitter?: number;
    }
  | SourceEvent
  | Extract<SessionCommand, { type: 'turn.claim' }>
  | AnswerOpened
  | AnswerSpoke
  | DecisionCommand
  /** Whether the turn ends before its next model call, so that a message that waits is heard. */
  | { readonly type: 'turn.yield'; readonly at: Milliseconds; readonly yields: boolean }
  | { readonly type: 'turn.cancel'; readonly at: Milliseconds }
  | { readonly type: 'turn.interrupt'; readonly at: Milliseconds; readonly reason: string }
  | DoneActorEvent<ToolCallOutput, `toolCall.${string}`>
  | ErrorActorEvent<unknown>;

/** What an agent pushes from outside, as far as it is no text. */
export type SourceEvent =
  /** The source is about to send its first piece to the answer. */
  | { readonly type: 'source.began'; readonly at: Milliseconds }
  /** All calls have ended and something else comes: a further step begins. */
  | { readonly type: 'source.step'; readonly at: Milliseconds; readonly answerUnits: number }
  | { readonly type: 'source.toolCall'; readonly at: Milliseconds; readonly call: AskedCall }
  | {
      readonly type: 'source.toolResult';
      readonly at: Milliseconds;
      readonly callId: ToolCallId;
      readonly result: string;
      readonly failed: boolean;
    }
  /** Everything up to this part is being stored, in the same transaction as this. */
  | { readonly type: 'source.received'; readonly at: Milliseconds; readonly received: number }
  | ({ readonly type: 'source.finished'; readonly at: Milliseconds } & Partial<EngineEnd>)
  | { readonly type: 'source.failed'; readonly at: Milliseconds; readonly error: string }
  /** The turn was cancelled, and the source has told what it has received. */
  | { readonly type: 'source.stopped'; readonly at: Milliseconds }
  /** The agent was silent for too long. */
  | { readonly type: 'source.expired'; readonly at: Milliseconds };

/** What a finished model call reports about itself. */
export type EngineEnd = {
  readonly finishReason: FinishReason;
  readonly usage: ModelUsage;
  readonly model: string | undefined;
  readonly continuation: Continuation | undefined;
  /** Length of what the turn has put into the answer so far, UTF-16 units. */
  readonly answerUnits: number;
  /** Present when a call of this step needs a person's approval. */
  readonly reasoning: { readonly text: string; readonly open: boolean } | undefined;
};

export type TurnContext = Omit<TurnInput, 'resumed' | 'continues' | 'continuesAt' | 'bounds' | 'yields'> & {
  readonly bounds: TurnBounds;
  readonly resumed: ResumedTurn | null;
  readonly continues: RestoredAnswer | null;
  /** Where its text begins in its answer, UTF-16 units. */
  readonly continuesAt: number;
  /** True: it ends before its next model call. */
  readonly yields: boolean;
  /** The latest time of any event; never steps back. */
  readonly now: Milliseconds;
  /** How many model calls were started, including the present one. */
  readonly step: number;
  /** Counts from 1 within the step. */
  readonly attempt: number;
  /** How long to wait before the next attempt. */
  readonly retryDelayMs: Milliseconds;
  /** How many attempts failed and were repeated, in all steps. */
  readonly retries: number;
  /** The model calls that ended without an error. */
  readonly steps: readonly EndedStep[];
  /** How long models and tools have taken, up to the last change between them. */
  readonly activeMs: Milliseconds;
  /** When the present model call began. */
  readonly calledAt: Milliseconds;
  /** When its present attempt was made; `null`: none is under way. */
  readonly attemptAt: Milliseconds | null;
  /** Calls of this step, in the order in which the model requested them. */
  readonly calls: readonly TurnCall[];
  /** Calls of earlier steps. */
  readonly earlierCalls: readonly TurnCall[];
  readonly answerSpawned: boolean;
  /** True once the message of the answer exists. */
  readonly answerOpened: boolean;
  /** True once the answer has text. */
  readonly answerSpoke: boolean;
  /** Why the turn failed, was cancelled or was interrupted. */
  readonly reason: string | null;
  /** The class of the engine's failure. */
  readonly errorCode: EngineErrorCode | null;
  /** When it fails if no outside agent has claimed it; `null`: it was not offered. */
  readonly claimBy: Milliseconds | null;
  /** Set on the way into a final state. */
  readonly outcome: TurnOutcome | null;
};

export type TurnOutput = {
  readonly turnId: TurnIdentity['turnId'];
  readonly outcome: TurnOutcome | null;
  readonly at: Milliseconds;
  /** Decisions of people about its calls, so that a repeated decision gets the same answer. */
  readonly decided: readonly ToolDecision[];
};

/** The engine actor's input for one model call. */
export type EngineInput = {
  readonly sessionId: SessionId;
  readonly promptId: MessageId;
  readonly answerId: MessageId;
  readonly step: number;
  readonly attempt: number;
  /** Where the text of this turn begins in its answer, UTF-16 units: not 0 if the turn goes on with an answer. */
  readonly continuesAt: number;
  readonly options: ModelOptions;
  /** Of the sender, which decide about the tools; absent: every one. */
  readonly scopes?: readonly Scope[] | undefined;
  /** The model calls before this one, and their tool calls. */
  readonly steps: readonly EndedStep[];
  readonly results: readonly TurnCall[];
};

/** The input of the actor that takes what an agent pushes. */
export type SourceInput = {
  readonly sessionId: SessionId;
  readonly turnId: TurnIdentity['turnId'];
  readonly leaseMs: Milliseconds;
  /** What is stored already. */
  readonly received: number;
  /** The turn, whose calls the source looks at. */
  readonly turn: AnyActorRef;
};

/** To the session: a message of this turn now exists, so the session's `updatedAt` advances, and its leaf may move. */
export type MessageAdded = {
  readonly type: 'message.added';
  readonly at: Milliseconds;
  readonly answerId: MessageId;
  /** The message before the answer. */
  readonly parentId: MessageId | null;
};

export function initialTurn(input: TurnInput): TurnContext {
  const { resumed = null, continues = null, continuesAt = 0, ...rest } = input;
  const { bounds = defaultTurnBounds, yields = false } = input;
  const said = resumed?.answer?.text ?? null;
  return {
    ...rest,
    bounds,
    resumed,
    continues,
    continuesAt,
    yields,
    now: input.at,
    step: resumed?.step ?? 1,
    attempt: 1,
    retryDelayMs: 0,
    retries: 0,
    steps: resumed?.steps ?? [],
    activeMs: 0,
    calledAt: input.at,
    attemptAt: null,
    calls: resumed?.calls ?? [],
    earlierCalls: resumed?.earlierCalls ?? [],
    answerSpawned: false,
    answerOpened: continues !== null || said !== null,
    answerSpoke: continues !== null || (said !== null && said !== ''),
    reason: null,
    errorCode: null,
    claimBy: null,
    outcome: null,
  };
}

/** Whether an outside agent is to answer, and none does yet. */
export function isOffered({ pushed, options }: Pick<TurnContext, 'pushed' | 'options'>): boolean {
  return options?.engine === 'external' && pushed === undefined;
}

/** Whether the turn is offered to this agent, among others or alone. */
export function mayClaim({ options }: Pick<TurnContext, 'options'>, agent: string): boolean {
  return options?.agent === undefined || options.agent === agent;
}

/** Whether the model requests a call that this step already has. Some providers deliver a call twice. */
export function isRepeatedCall({ calls }: TurnContext, asked: AskedCall): boolean {
  const modelCallId = storableText(asked.modelCallId);
  return (
    modelCallId !== '' &&
    calls.some(
      (call) =>
        call.modelCallId === modelCallId &&
        call.name === storableText(asked.name) &&
        call.argumentsJson === storableText(asked.argumentsJson),
    )
  );
}

/** Whether the end of call `id` leaves no call of this step open. */
export function isLastOpenCall(context: TurnContext, id: ToolCallId): boolean {
  return context.calls.every((call) => call.id === id || !isOpen(call));
}

export function isOpen(call: TurnCall): boolean {
  return call.status === 'running' || call.status === 'awaitingApproval';
}

/**
 * True when the turn waits for a person and nothing runs: then the rows hold its whole state, and the turn can wait.
 */
export function waitsForPeople({ calls }: Pick<TurnContext, 'calls'>): boolean {
  return (
    calls.some((call) => call.status === 'awaitingApproval') &&
    calls.every((call) => call.status !== 'running' && call.status !== 'asked')
  );
}
