/**
 * Tool call: one call of one tool, from `tool.call` to its one and only `tool.result` (I5).
 *
 * Goal: every call ends as completed, failed or cancelled, and emits its result once; a call that needs approval does
 * not run before a person approved it. Method: the three ends are final states, each of which emits the result on
 * entry; the tool itself runs in the invoked `toolRunner`, which only `running` has.
 */
import { assertEvent, type ErrorActorEvent, fromCallback, setup } from 'xstate';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../schema/ids.ts';
import type { FilePart } from '../schema/message-part.ts';
import type { Scope } from '../schema/principal.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { CallApproval } from '../schema/tool-decision.ts';
import { type CallProgress, type ToolFact, toolFact } from '../schema/tool-event.ts';
import type { ToolCallRecord } from '../schema/turn-record.ts';
import { failureReason, reasonOf } from './failure-reason.ts';
import { toolCallSpan } from './run-spans.ts';
import { unprovided } from './unprovided.ts';

export type ToolCallInput = {
  readonly sessionId: SessionId;
  readonly turnId: TurnId;
  readonly traceId: TraceId;
  /** The message that what the tool returns becomes a part of. */
  readonly answerId: MessageId;
  /** The model call that requested it. */
  readonly step: number;
  readonly id: ToolCallId;
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
  readonly agentId: string;
  readonly at: Milliseconds;
  /** Whether a person must approve it before it runs. */
  readonly needsApproval: boolean;
  /** When the call fails if nobody has decided; `null`: never. */
  readonly approvalDeadline: Milliseconds | null;
  /** Why it fails without being run; absent: it may run. */
  readonly refusal?: string | undefined;
  /** Of the sender of the turn's question, who must be allowed the tool; absent: every one. */
  readonly scopes?: readonly Scope[] | undefined;
  /** True when an earlier run of this actor said that it waits, or that it runs. */
  readonly announced: boolean;
  /** True when an agent outside runs it and pushes its result. */
  readonly isOutside?: boolean | undefined;
  /** What became of an earlier run of this actor: it was approved, or needed no approval. */
  readonly begun?: { readonly approval: CallApproval | null } | undefined;
};

/** What a tool returned beside its result; absent: nothing. */
type Returned = { readonly files?: readonly FilePart[] | undefined };

export type ToolCallEvent =
  | ({ readonly type: 'tool.completed'; readonly at: Milliseconds; readonly result: string } & Returned)
  | ({ readonly type: 'tool.failed'; readonly at: Milliseconds; readonly error: string } & Returned)
  | { readonly type: 'tool.progress'; readonly at: Milliseconds; readonly progress: CallProgress }
  | { readonly type: 'toolCall.decide'; readonly at: Milliseconds; readonly approval: CallApproval }
  | { readonly type: 'toolCall.expire' }
  | { readonly type: 'toolCall.cancel'; readonly at: Milliseconds; readonly reason?: string }
  | ErrorActorEvent<unknown, 'toolRunner'>;

export type ToolCallOutput = Returned & {
  readonly id: ToolCallId;
  readonly result: string;
  readonly failed: boolean;
  readonly at: Milliseconds;
  /** How long the tool took, without the time spent waiting for a person. */
  readonly ranMs?: Milliseconds;
};

type ToolCallContext = ToolCallInput & {
  readonly approval: CallApproval | null;
  /** The latest time of any event. */
  readonly now: Milliseconds;
  readonly ranSince: Milliseconds | null;
  readonly files: readonly FilePart[];
  /** Result or error; `null` until the call ended. */
  readonly result: string | null;
  readonly failed: boolean;
};

export type ToolRunnerInput = {
  readonly sessionId: SessionId;
  readonly callId: ToolCallId;
  readonly name: string;
  readonly argumentsJson: string;
  /** True once a person approved this call. */
  readonly approved: boolean;
  readonly scopes?: readonly Scope[] | undefined;
};

function toolCallEvent(
  type: 'tool.call' | 'tool.result',
  context: ToolCallContext,
  status: ToolFact['status'],
  progress: CallProgress | null = null,
): DomainEvent {
  const { turnId, modelCallId, argumentsJson, step, needsApproval, approvalDeadline, result } = context;
  const { answerId, files } = context;
  const record: ToolCallRecord = {
    turnId,
    modelCallId,
    argumentsJson,
    step,
    needsApproval,
    ...(approvalDeadline === null ? {} : { approvalDeadline }),
    ...(result === null ? {} : { result }),
    ...(files.length === 0 ? {} : { files: [...files], answerId }),
  };
  return {
    type,
    sessionId: context.sessionId,
    at: context.now,
    data: toolFact({
      sessionId: context.sessionId,
      id: context.id,
      name: context.name,
      status,
      at: context.now,
      agentId: context.agentId,
      approval: context.approval,
      progress,
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
  guards: {
    isRefused: ({ context }) => context.refusal !== undefined,
    needsApproval: ({ context }) => context.needsApproval && context.begun === undefined,
    isOutside: ({ context }) => context.isOutside === true,
    isApprovedOutside: ({ context, event }) =>
      context.isOutside === true &&
      event.type === 'toolCall.decide' &&
      event.approval.decision === 'approved',
    isApproval: ({ event }) => event.type === 'toolCall.decide' && event.approval.decision === 'approved',
  },
  delays: {
    approvalTimeLimit: ({ context }) => Math.max(0, (context.approvalDeadline ?? 0) - context.now),
  },
});

/** Emits that the call waits, unless that was emitted before, and starts the timer if there is a deadline. */
const awaitDecision = toolCallSetup.enqueueActions(({ context, enqueue }) => {
  if (!context.announced) enqueue.emit(toolCallEvent('tool.call', context, 'awaitingApproval'));
  if (context.approvalDeadline !== null) {
    enqueue.raise({ type: 'toolCall.expire' }, { id: 'approvalTimeLimit', delay: 'approvalTimeLimit' });
  }
});

const stopWaiting = toolCallSetup.cancel('approvalTimeLimit');

const keepDecision = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'toolCall.decide');
  return { approval: event.approval, now: Math.max(context.now, event.at) };
});

/** The result that tells the model about the denial, so that it can do something else. */
const keepDenial = toolCallSetup.assign(({ context }) => {
  const reason = context.approval?.reason;
  return {
    result: reason === undefined ? 'Denied by a person' : failureReason(`Denied by a person: ${reason}`),
    failed: true,
  };
});

const keepExpiry = toolCallSetup.assign(({ context }) => ({
  result: 'Nobody approved the call in time',
  failed: true,
  now: Math.max(context.now, context.approvalDeadline ?? context.now),
}));

const keepRefusal = toolCallSetup.assign(({ context }) => ({ result: context.refusal ?? '', failed: true }));

const startRunning = toolCallSetup.assign(({ context }) => ({ ranSince: context.now }));

const keepResult = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'tool.completed');
  return { result: event.result, files: event.files ?? [], now: Math.max(context.now, event.at) };
});

const keepError = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'tool.failed');
  const now = Math.max(context.now, event.at);
  return { result: failureReason(event.error), files: event.files ?? [], failed: true, now };
});

/** The runner itself died of a bug: the call still ends (I5). */
const keepCrash = toolCallSetup.assign(({ event }) => ({
  result: 'error' in event ? reasonOf(event.error) : 'unknown',
  failed: true,
}));

const keepCancellation = toolCallSetup.assign(({ context, event }) => {
  assertEvent(event, 'toolCall.cancel');
  const result = event.reason === undefined ? 'Cancelled' : failureReason(event.reason);
  return { result, failed: true, now: Math.max(context.now, event.at) };
});

const announceProgress = toolCallSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'tool.progress');
  const now = Math.max(context.now, event.at);
  enqueue.assign({ now });
  enqueue.emit(toolCallEvent('tool.call', { ...context, now }, 'running', event.progress));
});

/** Once: an earlier run of this actor may have said it. */
const announceOutside = toolCallSetup.enqueueActions(({ context, enqueue }) => {
  if (context.begun === undefined) enqueue.emit(toolCallEvent('tool.call', context, 'running'));
});

const announceRunning = toolCallSetup.emit(({ context }) => toolCallEvent('tool.call', context, 'running'));
const announceResult = toolCallSetup.emit(({ context }) =>
  toolCallEvent('tool.result', context, 'completed'),
);
const announceFailure = toolCallSetup.emit(({ context }) => toolCallEvent('tool.result', context, 'failed'));

/** Of the time in which the tool ran; of a call that never ran, from when it was asked for. */
function tellSpan(errorType: string | null) {
  return toolCallSetup.emit(({ context }) => {
    const { sessionId, turnId, traceId, id: callId, name, ranSince, at, now } = context;
    const startedAt = ranSince ?? at;
    return toolCallSpan({ sessionId, turnId, traceId, callId, name, startedAt, endedAt: now, errorType });
  });
}
const tellCompleted = tellSpan(null);
const tellFailed = tellSpan('tool_error');
const tellCancelled = tellSpan('cancelled');

export const toolCallMachine = toolCallSetup
  .extend({
    actions: {
      awaitDecision,
      stopWaiting,
      keepDecision,
      keepDenial,
      keepExpiry,
      keepRefusal,
      startRunning,
      keepResult,
      keepError,
      keepCrash,
      keepCancellation,
      announceProgress,
      announceOutside,
      announceRunning,
      announceResult,
      announceFailure,
      tellCompleted,
      tellFailed,
      tellCancelled,
    },
  })
  .createMachine({
    id: 'toolCall',
    context: ({ input }) => ({
      ...input,
      approval: input.begun?.approval ?? null,
      now: input.at,
      ranSince: null,
      files: [],
      result: null,
      failed: false,
    }),
    initial: 'requested',
    states: {
      requested: {
        always: [
          // Everybody who is told of a result was told of its call before.
          { guard: 'isRefused', target: 'failed', actions: ['announceRunning', 'keepRefusal'] },
          { guard: 'needsApproval', target: 'awaitingApproval' },
          { guard: 'isOutside', target: 'awaitingResult' },
          { target: 'running' },
        ],
      },
      awaitingApproval: {
        entry: 'awaitDecision',
        exit: 'stopWaiting',
        on: {
          'toolCall.decide': [
            { guard: 'isApprovedOutside', target: 'awaitingResult', actions: 'keepDecision' },
            { guard: 'isApproval', target: 'running', actions: 'keepDecision' },
            { target: 'failed', actions: ['keepDecision', 'keepDenial'] },
          ],
          'toolCall.expire': { target: 'failed', actions: 'keepExpiry' },
        },
      },
      running: {
        entry: ['startRunning', 'announceRunning'],
        invoke: {
          id: 'toolRunner',
          src: 'toolRunner',
          input: ({ context }) => ({
            sessionId: context.sessionId,
            callId: context.id,
            name: context.name,
            argumentsJson: context.argumentsJson,
            approved: context.approval?.decision === 'approved',
            scopes: context.scopes,
          }),
        },
        on: {
          'tool.completed': { target: 'completed', actions: 'keepResult' },
          'tool.failed': { target: 'failed', actions: 'keepError' },
          'tool.progress': { actions: 'announceProgress' },
        },
      },
      // Somebody else runs it: the call outlives this process.
      awaitingResult: {
        entry: ['startRunning', 'announceOutside'],
        on: {
          'tool.completed': { target: 'completed', actions: 'keepResult' },
          'tool.failed': { target: 'failed', actions: 'keepError' },
        },
      },
      completed: { type: 'final', entry: ['announceResult', 'tellCompleted'] },
      failed: { type: 'final', entry: ['announceFailure', 'tellFailed'] },
      cancelled: { type: 'final', entry: ['announceFailure', 'tellCancelled'] },
    },
    on: {
      'toolCall.cancel': { target: '.cancelled', actions: 'keepCancellation' },
      'xstate.error.actor.toolRunner': { target: '.failed', actions: 'keepCrash' },
    },
    output: ({ context }) => ({
      id: context.id,
      result: context.result ?? '',
      ...(context.files.length === 0 ? {} : { files: context.files }),
      failed: context.failed,
      at: context.now,
      ranMs: context.ranSince === null ? 0 : context.now - context.ranSince,
    }),
  });
