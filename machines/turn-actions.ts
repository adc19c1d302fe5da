/** The actions and guards of the turn machine, under the names in its chart. */
import { assertEvent } from 'xstate';
import type { AgentState } from '../schema/agent-activity.ts';
import { engineErrorReason } from '../schema/engine-error.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { limits } from '../schema/limits.ts';
import { addedUsage, cutOffWords, earlyFinishReason, noUsage } from '../schema/model-usage.ts';
import { engineRunTraceName } from '../schema/run-trace-name.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { TraceMetadata } from '../schema/trace.ts';
import type { EndedStep, TurnOutcome } from '../schema/turn-record.ts';
import { failureReason, reasonOf } from './failure-reason.ts';
import { retryDelay } from './retry-delay.ts';
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
import type { MessageAdded, TurnContext } from './turn-context.ts';
import { tokensOf, toolCallOutput, turnSetup } from './turn-setup.ts';

/** What baseline clients show when the engine cannot answer (docs/protocol.md A4). */
export const failureText = 'Engine failed to respond. Check server logs for details.';

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
    metadata: { messageId: context.promptId },
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
const announceError = turnSetup.emit(({ context }) => activity(context, 'error'));
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

const ensureAnswer = turnSetup.enqueueActions(({ context, self, enqueue }) => {
  if (context.answerSpawned) return;
  enqueue.assign({ answerSpawned: true });
  enqueue.spawnChild('answer', {
    id: 'answer',
    systemId: answerSystemId,
    input: {
      sessionId: context.sessionId,
      messageId: context.answerId,
      agentId: context.agentId,
      turn: self,
    },
  });
});

/** The id under which the engine actor finds the answer of the running turn: each session has its own actor system. */
export const answerSystemId = 'answer';

const noteAnswerOpened = turnSetup.assign({ answerOpened: true });

/** Tells the session, which owns `updatedAt` and emits `session.updated`. */
const tellMessageAdded = turnSetup.enqueueActions(({ context, enqueue }) => {
  enqueue.sendTo(context.session, { type: 'message.added', at: context.now } satisfies MessageAdded);
});

/** Keeps the data of the model call that finished, for the next call and for a restart. */
const endStep = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'engine.finished');
  const { finishReason = 'other', usage = noUsage, answerUnits = 0, model, continuation, reasoning } = event;
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

const noteCalled = turnSetup.assign(({ context }) => ({ calledAt: context.now }));

const noteRetry = turnSetup.assign(({ context, event }) => {
  assertEvent(event, 'engine.failed');
  return {
    attempt: context.attempt + 1,
    retries: context.retries + 1,
    retryDelayMs: retryDelay(context.attempt, event.jitter ?? 0.5, event.retryAfterMs),
  };
});

/** Calls of one step run at the same time, so they took as long as the longest. */
const noteToolTime = turnSetup.assign(({ context }) => ({
  activeMs: context.activeMs + Math.max(0, ...context.calls.map(({ ranMs }) => ranMs)),
}));

/**
 * What was said before a call must be durable with the call: the model is told of both, in this order, even if the
 * process ends now; and the actor may not live until a person has decided.
 */
const checkpointAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (!context.answerSpawned) return;
  enqueue.sendTo('answer', { type: 'answer.checkpoint', at: context.now });
});

/** Restores the answer of a resumed turn, with its text so far. */
const restoreAnswer = turnSetup.enqueueActions(({ context, self, enqueue }) => {
  const restored = context.resumed?.answer ?? null;
  if (restored === null) return;
  enqueue.assign({ answerSpawned: true });
  enqueue.spawnChild('answer', {
    id: 'answer',
    systemId: answerSystemId,
    input: {
      sessionId: context.sessionId,
      messageId: context.answerId,
      agentId: context.agentId,
      turn: self,
      restored,
    },
  });
  enqueue.sendTo('answer', { type: 'answer.resume', at: context.now });
});

const nextStep = turnSetup.assign(({ context }) => ({
  step: context.step + 1,
  attempt: 1,
  earlierCalls: [...context.earlierCalls, ...context.calls],
  calls: [],
}));

const endAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (context.answerSpawned) enqueue.sendTo('answer', { type: 'answer.end', at: context.now });
});

/** The model reached no end of its own, and who reads the answer must know. */
const endFinishedAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (!context.answerSpawned) return;
  const finishReason = earlyFinishReason(context.steps.at(-1)?.finishReason);
  enqueue.sendTo('answer', { type: 'answer.end', at: context.now, finishReason });
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
  const usage = steps.reduce((sum, step) => addedUsage(sum, step.usage), noUsage);
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

const sayFailure = turnSetup.enqueueActions(({ context, enqueue }) => {
  const data = {
    id: context.failureId,
    sessionId: context.sessionId,
    role: 'assistant' as const,
    content: failureText,
    createdAt: isoTimestamp(context.now),
  };
  const about = { sessionId: context.sessionId, at: context.now, data };
  enqueue.emit({ type: 'message.created', ...about });
  enqueue.sendTo(context.session, { type: 'message.added', at: context.now } satisfies MessageAdded);
  enqueue.emit({ type: 'message.updated', ...about });
});

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
      },
    });
  });
}

const noteReason = turnSetup.assign({
  reason: ({ context, event }) => {
    switch (event.type) {
      case 'engine.failed':
        return failureReason(engineErrorReason(event.code ?? 'unknown', event.error));
      case 'turn.cancel':
        return 'Cancelled';
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
        return 'The engine finished without an answer';
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
    ensureAnswer,
    noteAnswerOpened,
    tellMessageAdded,
    noteCall,
    startCalls,
    noteResult,
    nextStep,
    cancelCalls,
    endAnswer,
    endFinishedAnswer,
    dropCalls,
    refuseUnfinishedCall,
    completeTrace,
    failTrace,
    sayFailure,
    endAsCompleted: endAs('completed'),
    endAsFailed: endAs('failed'),
    endAsCancelled: endAs('cancelled'),
    endAsInterrupted: endAs('interrupted'),
    noteReason,
    noteEmptyAnswer,
    endStep,
    noteCalled,
    noteRetry,
    noteToolTime,
    checkpointAnswer,
    restoreAnswer,
    decideCall,
    interruptRunningCalls,
    noteTooManySteps,
    noteTooManyTokens,
    noteOutOfTime,
    noteTooManyCalls,
  },
});
