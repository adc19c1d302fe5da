/**
 * Trace: one run of a task, from `trace.created` to a terminal status (I6).
 *
 * Goal: statuses only move forward, and a terminal status is last. Method: the statuses are states; the two terminal
 * ones are final, so nothing can follow them.
 */
import { assertEvent, setup } from 'xstate';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId, TraceId } from '../schema/ids.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import type { Trace, TraceMetadata, TraceStatus } from '../schema/trace.ts';

export type TraceInput = {
  readonly id: TraceId;
  readonly sessionId: SessionId | null;
  readonly name: string;
  readonly metadata: TraceMetadata;
  readonly at: Milliseconds;
  /** The first status: `pending` if the run waits for something. */
  readonly status: 'pending' | 'running';
  /** True when `trace.created` was emitted by an earlier run of this actor. */
  readonly announced: boolean;
};

export type TraceEvent =
  | { readonly type: 'trace.start'; readonly at: Milliseconds }
  | { readonly type: 'trace.complete'; readonly at: Milliseconds; readonly metadata: TraceMetadata }
  | {
      readonly type: 'trace.fail';
      readonly at: Milliseconds;
      readonly error: string;
      readonly metadata?: TraceMetadata;
    };

type TraceContext = TraceInput & { readonly updatedAt: Milliseconds };

/** The trace with `status` as sent to clients; `durationMs` is never negative, whatever the clock did (I6). */
function traceOf(context: TraceContext, status: TraceStatus, ended: boolean): Trace {
  return {
    id: context.id,
    ...(context.sessionId === null ? {} : { sessionId: context.sessionId }),
    name: context.name,
    status,
    ...(ended ? { durationMs: Math.max(0, context.updatedAt - context.at) } : {}),
    metadata: context.metadata,
    createdAt: isoTimestamp(context.at),
    updatedAt: isoTimestamp(context.updatedAt),
  };
}

const traceSetup = setup({
  types: {} as {
    context: TraceContext;
    input: TraceInput;
    events: TraceEvent;
    emitted: DomainEvent;
  },
  guards: {
    startsRunning: ({ context }) => context.status === 'running',
  },
});

const announceCreated = traceSetup.enqueueActions(({ context, enqueue }) => {
  if (context.announced) return;
  enqueue.emit({
    type: 'trace.created',
    sessionId: context.sessionId,
    at: context.at,
    data: traceOf(context, context.status, false),
  });
});

const announceRunning = traceSetup.emit(({ context }) => ({
  type: 'trace.updated',
  sessionId: context.sessionId,
  at: context.updatedAt,
  data: traceOf(context, 'running', false),
}));

const announceCompleted = traceSetup.emit(({ context }) => ({
  type: 'trace.updated',
  sessionId: context.sessionId,
  at: context.updatedAt,
  data: traceOf(context, 'completed', true),
}));

const announceFailed = traceSetup.emit(({ context }) => ({
  type: 'trace.updated',
  sessionId: context.sessionId,
  at: context.updatedAt,
  data: traceOf(context, 'failed', true),
}));

/** Time never steps back within a trace. */
const moveTime = traceSetup.assign({
  updatedAt: ({ context, event }) => Math.max(context.updatedAt, event.at),
});

const addMetadata = traceSetup.assign({
  metadata: ({ context, event }) => {
    assertEvent(event, 'trace.complete');
    return { ...context.metadata, ...event.metadata };
  },
});

const addError = traceSetup.assign({
  metadata: ({ context, event }) => {
    assertEvent(event, 'trace.fail');
    return { ...context.metadata, error: event.error, ...event.metadata };
  },
});

export const traceMachine = traceSetup
  .extend({
    actions: {
      announceCreated,
      announceRunning,
      announceCompleted,
      announceFailed,
      moveTime,
      addMetadata,
      addError,
    },
  })
  .createMachine({
    id: 'trace',
    context: ({ input }) => ({ ...input, updatedAt: input.at }),
    initial: 'created',
    states: {
      created: {
        entry: 'announceCreated',
        always: [{ guard: 'startsRunning', target: 'running' }, { target: 'pending' }],
      },
      pending: {
        on: {
          'trace.start': { target: 'running', actions: ['moveTime', 'announceRunning'] },
        },
      },
      running: {
        on: {
          'trace.complete': { target: 'completed', actions: ['moveTime', 'addMetadata'] },
        },
      },
      completed: { type: 'final', entry: 'announceCompleted' },
      failed: { type: 'final', entry: 'announceFailed' },
    },
    on: {
      'trace.fail': { target: '.failed', actions: ['moveTime', 'addError'] },
    },
  });
