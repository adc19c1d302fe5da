/** The actions and guards of the turn machine, named as its chart names them. */
import { assertEvent, fromCallback, setup } from 'xstate';
import type { AgentState } from '../schema/agent-activity.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { limits } from '../schema/limits.ts';
import { engineRunTraceName } from '../schema/run-trace-name.ts';
import { storableText } from '../schema/text.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { TurnOutcome } from '../schema/turn-record.ts';
import { answerLogic } from './answer.ts';
import { failureReason, reasonOf } from './failure-reason.ts';
import { toolCallMachine } from './tool-call.ts';
import { traceMachine } from './trace.ts';
import {
  type EngineInput,
  isLastOpenCall,
  type MessageAdded,
  type TurnContext,
  type TurnEvent,
  type TurnInput,
  type TurnOutput,
} from './turn-context.ts';
import { unprovided } from './unprovided.ts';

/** What baseline clients show when the engine cannot answer (protocol A4). */
export const failureText = 'Engine failed to respond. Check server logs for details.';

const turnSetup = setup({
  types: {} as {
    context: TurnContext;
    input: TurnInput;
    output: TurnOutput;
    events: TurnEvent;
    emitted: DomainEvent;
  },
  actors: {
    engine: fromCallback<TurnEvent, EngineInput>(unprovided('engine')),
    answer: answerLogic,
    toolCall: toolCallMachine,
    trace: traceMachine,
  },
  guards: {
    asksForTools: ({ context }) => context.calls.length > 0,
    hasAnswer: ({ context }) => context.answerOpened,
    isLastStep: ({ context }) => context.step >= limits.turnStepsMax,
    asksTooMuch: ({ context }) => context.calls.length >= limits.stepToolCallsMax,
    endsLastCall: ({ context, event }) => {
      const output = toolCallOutput(event);
      return output !== null && isLastOpenCall(context, output.id);
    },
  },
});

/** The output of a tool call that just ended, or `null` for any other event. */
function toolCallOutput(event: TurnEvent) {
  return 'output' in event ? event.output : null;
}

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

const announceStart = turnSetup.emit(({ context }) => ({
  type: 'turn.started',
  sessionId: context.sessionId,
  at: context.now,
  data: {
    turnId: context.turnId,
    sessionId: context.sessionId,
    timestamp: isoTimestamp(context.now),
  },
}));

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

/** Where the engine actor finds the answer of the running turn: each session is its own system. */
export const answerSystemId = 'answer';

const noteAnswerOpened = turnSetup.assign({ answerOpened: true });

/** The session owns `updatedAt`, so it says `session.updated`. */
const tellMessageAdded = turnSetup.enqueueActions(({ context, enqueue }) => {
  enqueue.sendTo(context.session, { type: 'message.added', at: context.now } satisfies MessageAdded);
});

const noteCall = turnSetup.assign(({ context, event }) => {
  assertEvent(event, 'engine.toolCall');
  const { id, modelCallId, name, argumentsJson } = event.call;
  const call = {
    id,
    modelCallId: storableText(modelCallId),
    name: storableText(name),
    argumentsJson: storableText(argumentsJson),
    status: 'asked' as const,
    result: '',
  };
  return { calls: [...context.calls, call] };
});

const startCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  enqueue.assign({ calls: context.calls.map((call) => ({ ...call, status: 'running' as const })) });
  for (const call of context.calls) {
    enqueue.spawnChild('toolCall', {
      id: `toolCall.${call.id}`,
      input: {
        sessionId: context.sessionId,
        turnId: context.turnId,
        id: call.id,
        modelCallId: call.modelCallId,
        name: call.name,
        argumentsJson: call.argumentsJson,
        agentId: context.agentId,
        at: context.now,
      },
    });
  }
});

const noteResult = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  const output = toolCallOutput(event);
  if (output === null) return;
  enqueue.assign({
    now: Math.max(context.now, output.at),
    calls: context.calls.map((call) =>
      call.id === output.id
        ? {
            ...call,
            status: output.failed ? ('failed' as const) : ('completed' as const),
            result: output.result,
          }
        : call,
    ),
  });
  enqueue.stopChild(`toolCall.${output.id}`);
});

const nextStep = turnSetup.assign(({ context }) => ({
  step: context.step + 1,
  earlierCalls: [...context.earlierCalls, ...context.calls],
  calls: [],
}));

const cancelCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  for (const call of context.calls) {
    if (call.status !== 'running') continue;
    enqueue.sendTo(`toolCall.${call.id}`, { type: 'toolCall.cancel', at: context.now });
  }
});

const endAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (context.answerSpawned) enqueue.sendTo('answer', { type: 'answer.end', at: context.now });
});

const completeTrace = turnSetup.sendTo('trace', ({ context }) => ({
  type: 'trace.complete',
  at: context.now,
  metadata: { responseCount: 1 },
}));

const failTrace = turnSetup.sendTo('trace', ({ context }) => ({
  type: 'trace.fail',
  at: context.now,
  error: context.reason ?? 'unknown',
}));

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
      case 'turn.cancel':
        return 'Cancelled';
      case 'turn.interrupt':
        return failureReason(event.reason);
      default:
        // An engine says why; an actor that died threw it.
        return 'error' in event ? reasonOf(event.error) : context.reason;
    }
  },
});

const noteEmptyAnswer = turnSetup.assign({ reason: 'The engine finished without an answer' });
const noteTooManySteps = turnSetup.assign({
  reason: `The engine asked for more than ${limits.turnStepsMax} model calls`,
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
    completeTrace,
    failTrace,
    sayFailure,
    endAsCompleted: endAs('completed'),
    endAsFailed: endAs('failed'),
    endAsCancelled: endAs('cancelled'),
    endAsInterrupted: endAs('interrupted'),
    noteReason,
    noteEmptyAnswer,
    noteTooManySteps,
    noteTooManyCalls,
  },
});
