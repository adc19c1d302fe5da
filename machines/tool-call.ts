/**
 * Tool call: one call of one tool, from `tool.call` to its one and only `tool.result` (I5).
 *
 * Goal: every call ends as completed, failed or cancelled, and says so once. Method: the three ends are final
 * states, each of which emits the result on entry; the tool itself runs in the invoked `toolRunner`.
 */
import { assertEvent, fromCallback, setup } from 'xstate';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId, ToolCallId, TurnId } from '../schema/ids.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import { type ToolEvent, toolEvent } from '../schema/tool-event.ts';
import type { ToolCallRecord } from '../schema/turn-record.ts';
import { failureReason, reasonOf } from './failure-reason.ts';
import { unprovided } from './unprovided.ts';

export type ToolCallInput = {
  readonly sessionId: SessionId;
  readonly turnId: TurnId;
  readonly id: ToolCallId;
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
  readonly agentId: string;
  readonly at: Milliseconds;
};

export type ToolCallEvent =
  | { readonly type: 'tool.completed'; readonly at: Milliseconds; readonly result: string }
  | { readonly type: 'tool.failed'; readonly at: Milliseconds; readonly error: string }
  | { readonly type: 'toolCall.cancel'; readonly at: Milliseconds };

export type ToolCallOutput = {
  readonly id: ToolCallId;
  readonly result: string;
  readonly failed: boolean;
  readonly at: Milliseconds;
};

type ToolCallContext = ToolCallInput & {
  /** Result or error; `null` while it runs. */
  readonly result: string | null;
  readonly failed: boolean;
  readonly endedAt: Milliseconds;
};

export type ToolRunnerInput = {
  readonly sessionId: SessionId;
  readonly callId: ToolCallId;
  readonly name: string;
  readonly argumentsJson: string;
};

function toolCallEvent(
  type: 'tool.call' | 'tool.result',
  context: ToolCallContext,
  status: ToolEvent['status'],
): DomainEvent {
  const record: ToolCallRecord = {
    turnId: context.turnId,
    modelCallId: context.modelCallId,
    argumentsJson: context.argumentsJson,
    ...(context.result === null ? {} : { result: context.result }),
  };
  return {
    type,
    sessionId: context.sessionId,
    at: context.endedAt,
    data: toolEvent({
      sessionId: context.sessionId,
      id: context.id,
      name: context.name,
      status,
      arguments: context.argumentsJson,
      result: context.result,
      at: context.endedAt,
      agentId: context.agentId,
    }),
    record,
  };
}

const toolCallSetup = setup({
  types: {} as {
    context: ToolCallContext;
    input: ToolCallInput;
    output: ToolCallOutput;
    events: ToolCallEvent;
    emitted: DomainEvent;
  },
  actors: {
    toolRunner: fromCallback<ToolCallEvent, ToolRunnerInput>(unprovided('toolRunner')),
  },
});

const keepResult = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'tool.completed');
  return { result: event.result, endedAt: Math.max(context.at, event.at) };
});

const keepError = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'tool.failed');
  return { result: failureReason(event.error), failed: true, endedAt: Math.max(context.at, event.at) };
});

/** The runner itself died of a bug: the call still ends (I5). */
const keepCrash = toolCallSetup.assign(({ context, event }) => ({
  result: 'error' in event ? reasonOf(event.error) : 'unknown',
  failed: true,
  endedAt: context.at,
}));

const keepCancellation = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'toolCall.cancel');
  return { result: 'Cancelled', failed: true, endedAt: Math.max(context.at, event.at) };
});

const announceCall = toolCallSetup.emit(({ context }) => toolCallEvent('tool.call', context, 'running'));
const announceResult = toolCallSetup.emit(({ context }) =>
  toolCallEvent('tool.result', context, 'completed'),
);
const announceFailure = toolCallSetup.emit(({ context }) => toolCallEvent('tool.result', context, 'failed'));

export const toolCallMachine = toolCallSetup
  .extend({
    actions: {
      keepResult,
      keepError,
      keepCrash,
      keepCancellation,
      announceCall,
      announceResult,
      announceFailure,
    },
  })
  .createMachine({
    id: 'toolCall',
    context: ({ input }) => ({ ...input, result: null, failed: false, endedAt: input.at }),
    initial: 'running',
    states: {
      running: {
        entry: 'announceCall',
        invoke: {
          id: 'toolRunner',
          src: 'toolRunner',
          input: ({ context }) => ({
            sessionId: context.sessionId,
            callId: context.id,
            name: context.name,
            argumentsJson: context.argumentsJson,
          }),
          onError: { target: 'failed', actions: 'keepCrash' },
        },
        on: {
          'tool.completed': { target: 'completed', actions: 'keepResult' },
          'tool.failed': { target: 'failed', actions: 'keepError' },
          'toolCall.cancel': { target: 'cancelled', actions: 'keepCancellation' },
        },
      },
      completed: { type: 'final', entry: 'announceResult' },
      failed: { type: 'final', entry: 'announceFailure' },
      cancelled: { type: 'final', entry: 'announceFailure' },
    },
    output: ({ context }) => ({
      id: context.id,
      result: context.result ?? '',
      failed: context.failed,
      at: context.endedAt,
    }),
  });
