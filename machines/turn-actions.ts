/** The actions and guards of the turn machine, under the names in its chart. */
import { assertEvent } from 'xstate';
import type { AgentState } from '../schema/agent-activity.ts';
import { engineErrorReason } from '../schema/engine-error.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { limits } from '../schema/limits.ts';
import { cutOffWords, earlyFinishReason, type FinishReason, noUsage } from '../schema/model-usage.ts';
import { runEndReasons } from '../schema/run-end-reasons.ts';
import { engineRunTraceName } from '../schema/run-trace-name.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { TraceMetadata } from '../schema/trace.ts';
import type { EndedStep, TurnOutcome } from '../schema/turn-record.ts';
import { failureReason, reasonOf } from './failure-reason.ts';
import { retryDelay } from './retry-delay.ts';
import { answerActions, spentOf, usageOf } from './turn-answer.ts';
import {
  cancelCalls,
  decideCall,
  dropCalls,
  interruptRunningCalls,
  noteCall,
  noteResult,
  refuseUnfinishedCall,
  startCalls,
} from './turn-calls.ts';
import type { EngineEnd, TurnContext } from './turn-context.ts';
import { offerActions } from './turn-offer.ts';
import { pushedCallActions } from './turn-pushed-calls.ts';
import { tokensOf, toolCallOutput, turnSetup } from './turn-setup.ts';
import { spanActions } from './turn-spans.ts';

function activity(context: TurnContext, state: AgentState): DomainEvent {
  const { sessionId, now } = context;
  return {
    type: 'agent.activity',
    sessionId,
    at: now,
    data: { sessionId, state, timestamp: isoTimestamp(now) },
  };
}

const moveTime = turnSetup.assign({
  now: ({ context, event }) => Math.max(context.now, 'at' in event ? event.at : context.now),
});

/** Once per turn: a resumed turn has already emitted it. */
const announceStart = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (context.resumed !== null) return;
  enqueue.emit({
    type: 'turn.started',
    sessionId: context.sessionId,
    at: context.now,
    data: {
      turnId: context.turnId,
      sessionId: context.sessionId,
      timestamp: isoTimestamp(context.now),
    },
  });
});

const startTrace = turnSetup.spawnChild('trace', {
  id: 'trace',
  input: ({ context }) => ({
    id: context.traceId,
    sessionId: context.sessionId,
    name: engineRunTraceName,
    metadata: {
      messageId: context.promptId,
      ...(context.pushed === undefined ? {} : { agent: context.pushed.agent }),
    },
    at: context.traceCreatedAt ?? context.now,
    status: 'running' as const,
    announced: context.traceCreatedAt !== null,
  }),
});

const announceThinking = turnSetup.emit(({ context }) => activity(context, 'thinking'));
const announceTool = turnSetup.emit(({ context }) => activity(context, 'tool'));
const announceToolError = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  if (toolCallOutput(event)?.failed === true) enqueue.emit(activity(context, 'tool-error'));
});
const announceError = turnSetup.emit(({ context }): DomainEvent => {
  const { sessionId, now, answerId, answerSpoke } = context;
  return {
    type: 'agent.activity',
    sessionId,
    at: now,
    data: {
      sessionId,
      state: 'error',
      timestamp: isoTimestamp(now),
      ...(answerSpoke ? { failedAnswerId: answerId } : {}),
    },
  };
});
const announceIdle = turnSetup.emit(({ context }) => activity(context, 'idle'));

const announceStep = turnSetup.emit(({ context }) => ({
  type: 'turn.step.started',
  sessionId: context.sessionId,
  at: context.now,
  data: {
    turnId: context.turnId,
    sessionId: context.sessionId,
    timestamp: isoTimestamp(context.now),
    step: context.step,
    ...(context.attempt === 1 ? {} : { attempt: context.attempt }),
  },
}));

/** Keeps the data of the model call that finished, for the next call and for a restart. */
const endStep = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['engine.finished', 'source.finished', 'source.step']);
  const end: Partial<EngineEnd> = event;
  const {
    finishReason = defaultReason(event.type),
    usage = noUsage,
    answerUnits = 0,
    model,
    continuation,
    reasoning,
  } = end;
  const step: EndedStep = {
    step: context.step,
    answerUnits,
    finishReason,
    usage,
    ...(model === undefined ? {} : { model }),
    ...(continuation === undefined ? {} : { continuation }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
  enqueue.assign({
    steps: [...context.steps, step],
    activeMs: context.activeMs + context.now - context.calledAt,
  });
  // Some providers want back the reasoning of every step of a turn with calls, its last one included.
  const isWantedBack = continuation !== undefined && context.step > 1;
  if (context.calls.length === 0 && !isWantedBack) return;
  const { turnId, sessionId, now } = context;
  enqueue.emit({
    type: 'turn.step.ended',
    sessionId,
    at: now,
    data: { turnId, sessionId, timestamp: isoTimestamp(now), ...step },
  });
});

function defaultReason(type: 'engine.finished' | 'source.finished' | 'source.step'): FinishReason {
  if (type === 'source.step') return 'tool-calls';
  return type === 'source.finished' ? 'stop' : 'other';
}

/** Written in the transaction that stores what it says is stored. */
const announceReceived = turnSetup.emit(({ context, event }) => {
  assertEvent(event, 'source.received');
  const { turnId, sessionId, now } = context;
  return {
    type: 'turn.received',
    sessionId,
    at: now,
    data: { turnId, sessionId, timestamp: isoTimestamp(now), received: event.received },
  };
});

const noteCalled = turnSetup.assign(({ context }) => ({ calledAt: context.now }));

const noteRetry = turnSetup.assign(({ context, event }) => {
  assertEvent(event, 'engine.failed');
  return {
    attempt: context.attempt + 1,
    retries: context.retries + 1,
    retryDelayMs: retryDelay(context.attempt, event.jitter ?? 0.5, event.retryAfterMs),
  };
});

const announceRetry = turnSetup.emit(({ context, event }) => {
  assertEvent(event, 'engine.failed');
  const { sessionId, promptId, now, attempt, retryDelayMs } = context;
  return {
    type: 'turn.retrying',
    sessionId,
    at: now,
    data: {
      sessionId,
      messageId: promptId,
      attempt,
      attemptsMax: limits.modelRetriesMax + 1,
      retryAt: isoTimestamp(now + retryDelayMs),
      errorCode: event.code ?? 'unknown',
    },
  };
});

/** Calls of one step run at the same time, so they took as long as the longest. */
const noteToolTime = turnSetup.assign(({ context }) => ({
  activeMs: context.activeMs + Math.max(0, ...context.calls.map(({ ranMs }) => ranMs)),
}));

const nextStep = turnSetup.enqueueActions(({ context, enqueue }) => {
  const step = context.step + 1;
  enqueue.assign({ step, attempt: 1, earlierCalls: [...context.earlierCalls, ...context.calls], calls: [] });
  if (context.answerSpawned) enqueue.sendTo('answer', { type: 'answer.step', at: context.now });
});

const noteYield = turnSetup.assign(({ event }) => {
  assertEvent(event, 'turn.yield');
  return { yields: event.yields };
});

const completeTrace = turnSetup.sendTo('trace', ({ context }) => ({
  type: 'trace.complete',
  at: context.now,
  metadata: { responseCount: 1, ...runMetadata(context) },
}));

const failTrace = turnSetup.sendTo('trace', ({ context }) => ({
  type: 'trace.fail',
  at: context.now,
  error: context.reason ?? 'unknown',
  metadata: {
    ...(context.errorCode === null ? {} : { errorCode: context.errorCode }),
    ...runMetadata(context),
  },
}));

/** The models, tokens and retries of the run; members that are not known are absent. */
function runMetadata({ steps, retries }: TurnContext): TraceMetadata {
  const usage = usageOf(steps);
  const last = steps.at(-1);
  const early = earlyFinishReason(last?.finishReason);
  return {
    ...(last?.model === undefined ? {} : { model: last.model }),
    ...(Object.keys(usage).length === 0 ? {} : { usage: { ...usage } }),
    // What ended otherwise than it should: cut off, or filtered.
    ...(early === undefined ? {} : { finishReason: early }),
    ...(steps.some(({ finishReason }) => finishReason === 'length') ? { note: cutOffWords } : {}),
    ...(retries === 0 ? {} : { retries }),
  };
}

function endAs(outcome: TurnOutcome) {
  return turnSetup.enqueueActions(({ context, enqueue }) => {
    enqueue.assign({ outcome });
    enqueue.emit({
      type: 'turn.ended',
      sessionId: context.sessionId,
      at: context.now,
      data: {
        turnId: context.turnId,
        sessionId: context.sessionId,
        timestamp: isoTimestamp(context.now),
        outcome,
        ...(context.reason === null ? {} : { reason: context.reason }),
        ...spentOf(context.chargedTo, context.steps),
      },
    });
  });
}

const noteReason = turnSetup.assign({
  reason: ({ context, event }) => {
    switch (event.type) {
      case 'engine.failed':
        return failureReason(engineErrorReason(event.code ?? 'unknown', event.error));
      case 'source.failed':
        return failureReason(event.error);
      case 'source.expired':
        return runEndReasons.agentSilent;
      case 'turn.cancel':
      case 'source.stopped':
        return runEndReasons.cancelled;
      case 'turn.interrupt':
        return failureReason(event.reason);
      default:
        // An engine gives a reason; an actor that died threw an error.
        return 'error' in event ? reasonOf(event.error) : context.reason;
    }
  },
  errorCode: ({ context, event }) =>
    event.type === 'engine.failed' && event.code !== undefined && event.code !== 'unknown'
      ? event.code
      : context.errorCode,
});

const noteEmptyAnswer = turnSetup.assign({
  reason: ({ context }) => {
    switch (context.steps.at(-1)?.finishReason) {
      case 'length':
        return `The engine said nothing: it was ${cutOffWords}`;
      case 'content-filter':
        return 'The engine said nothing: the provider filtered its answer';
      default:
        return context.pushed === undefined
          ? 'The engine finished without an answer'
          : runEndReasons.agentEmpty;
    }
  },
});
const noteTooManySteps = turnSetup.assign({
  reason: ({ context }) => `The engine asked for more than ${context.bounds.stepsMax} model calls`,
});
const noteTooManyTokens = turnSetup.assign({
  reason: ({ context }) =>
    `The engine used ${tokensOf(context)} tokens, and wants more than the ${context.bounds.tokensMax} that a turn may take`,
});
const noteOutOfTime = turnSetup.assign({
  reason: ({ context }) => `The turn took longer than ${context.bounds.msMax} ms`,
});
const noteTooManyCalls = turnSetup.assign({
  reason: `The engine asked for more than ${limits.stepToolCallsMax} tool calls at once`,
});

export const turnChart = turnSetup.extend({
  actions: {
    moveTime,
    announceStart,
    startTrace,
    announceThinking,
    announceTool,
    announceToolError,
    announceError,
    announceIdle,
    announceStep,
    ...answerActions,
    ...offerActions,
    ...pushedCallActions,
    announceReceived,
    noteCall,
    startCalls,
    noteResult,
    nextStep,
    cancelCalls,
    dropCalls,
    refuseUnfinishedCall,
    completeTrace,
    failTrace,
    endAsCompleted: endAs('completed'),
    endAsFailed: endAs('failed'),
    endAsCancelled: endAs('cancelled'),
    endAsInterrupted: endAs('interrupted'),
    noteReason,
    noteEmptyAnswer,
    endStep,
    noteCalled,
    noteRetry,
    announceRetry,
    noteToolTime,
    noteYield,
    decideCall,
    interruptRunningCalls,
    noteTooManySteps,
    noteTooManyTokens,
    noteOutOfTime,
    noteTooManyCalls,
    ...spanActions,
  },
});
