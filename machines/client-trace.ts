/**
 * Client trace: a trace that clients make, append spans to and end (I6). The trace of a run is `trace.ts`.
 *
 * Goal: it begins once and ends once; nothing is appended to one that ended; whatever is repeated has no second effect
 * and is answered as before. Method: the statuses are states. They are not final, because an ended trace still answers
 * repetitions. What is stored under the ids of an append comes with the command.
 */
import { assertEvent, setup } from 'xstate';
import { ownerKey, type SessionOwner } from '../schema/authorization.ts';
import type { TraceCommand } from '../schema/client-trace.ts';
import type { CommandReply } from '../schema/commands.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId, TraceId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { type Refusal, refusal, traceNotFound } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import type { Trace, TraceMetadata } from '../schema/trace.ts';
import type { AppendedSpans, TraceSpan } from '../schema/trace-span.ts';

export type ClientTraceInput = {
  readonly id: TraceId;
  /** As it is stored; `null`: it is not. */
  readonly stored: Trace | null;
  /** `null`: it has none, or that session is gone. */
  readonly sessionId: SessionId | null;
  /** How many spans are stored. */
  readonly spans: number;
  /** Whose it is when it has no session, or outlives it; absent: nobody's. */
  readonly owner?: SessionOwner | undefined;
};

export type ClientTraceEvent =
  | TraceCommand
  /** Its session was deleted: it belongs to none from now on (I7). */
  | { readonly type: 'session.gone' };

type ClientTraceContext = Omit<ClientTraceInput, 'stored'> & {
  readonly name: string;
  readonly metadata: TraceMetadata;
  readonly status: Trace['status'];
  readonly createdAt: Milliseconds;
  readonly updatedAt: Milliseconds;
};

type Said = DomainEvent | CommandReply;

function traceOf(context: ClientTraceContext): Trace {
  const { id, sessionId, name, status, createdAt, updatedAt, metadata } = context;
  const ended = status === 'completed' || status === 'failed';
  return {
    id,
    ...(sessionId === null ? {} : { sessionId }),
    name,
    status,
    ...(ended ? { durationMs: updatedAt - createdAt } : {}),
    metadata,
    createdAt: isoTimestamp(createdAt),
    updatedAt: isoTimestamp(updatedAt),
    origin: 'client',
  };
}

function initialTrace({ stored, ...rest }: ClientTraceInput): ClientTraceContext {
  return {
    ...rest,
    name: stored?.name ?? '',
    metadata: stored?.metadata ?? {},
    status: stored?.status ?? 'pending',
    createdAt: stored === null ? 0 : millisecondsOf(stored.createdAt),
    updatedAt: stored === null ? 0 : millisecondsOf(stored.updatedAt),
  };
}

const clientTraceSetup = setup({
  types: {} as {
    context: ClientTraceContext;
    input: ClientTraceInput;
    events: ClientTraceEvent;
    emitted: DomainEvent | CommandReply;
  },
  guards: {
    isRunning: ({ context }) => context.status === 'running',
    isCompleted: ({ context }) => context.status === 'completed',
    isFailed: ({ context }) => context.status === 'failed',
    completes: ({ event }) => event.type === 'trace.finalise' && event.status === 'completed',
  },
});

/** The reply; before it, for a named command, the stored copy with which repetitions are answered (I10). */
function acceptance(
  { id }: ClientTraceContext,
  command: TraceCommand,
  result: Trace | AppendedSpans,
): readonly Said[] {
  const { commandId, idempotency, at } = command;
  const about = { sessionId: null, commandId, lane: id };
  const reply: CommandReply = { type: 'command.accepted', ...about, result };
  if (idempotency === undefined) return [reply];
  return [{ type: 'command.completed', ...about, at, data: { ...idempotency, result } }, reply];
}

function refusing({ id }: ClientTraceContext, { commandId }: TraceCommand, reason: Refusal): Said {
  return { type: 'command.refused', sessionId: null, commandId, lane: id, refusal: reason };
}

function traceEvent(
  type: 'trace.created' | 'trace.updated',
  context: ClientTraceContext,
  { commandId }: TraceCommand,
): DomainEvent {
  const { sessionId, updatedAt, id } = context;
  return {
    type,
    sessionId,
    at: updatedAt,
    commandId,
    lane: id,
    data: traceOf(context),
    ...recordOf(context),
  };
}

function recordOf({ owner }: ClientTraceContext): { readonly record?: SessionOwner } {
  return owner === undefined ? {} : { record: owner };
}

const create = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.create');
  const { name, metadata, owner, at } = event;
  const next = {
    ...context,
    name,
    metadata,
    owner,
    status: 'running' as const,
    createdAt: at,
    updatedAt: at,
  };
  enqueue.assign(next);
  enqueue.emit(traceEvent('trace.created', next, event));
  for (const said of acceptance(next, event, traceOf(next))) enqueue.emit(said);
});

const repeatCreation = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.create');
  if (isSameTrace(context, event)) {
    for (const said of acceptance(context, event, traceOf(context))) enqueue.emit(said);
    return;
  }
  const reason = refusal('conflict', `Trace id ${context.id} was used for another trace`);
  enqueue.emit(refusing(context, event, reason));
});

type Creation = Extract<TraceCommand, { type: 'trace.create' }>;

/** Whether it was made like that; the session that it had may be gone, and its end may have added an error. */
function isSameTrace(context: ClientTraceContext, { name, sessionId, metadata, owner }: Creation): boolean {
  const asMade = (given: TraceMetadata) =>
    JSON.stringify(
      Object.entries(given)
        .filter(([key]) => key !== 'error' || context.status !== 'failed')
        .toSorted(),
    );
  return (
    context.name === name &&
    keyOf(context.owner) === keyOf(owner) &&
    (context.sessionId === null || context.sessionId === sessionId) &&
    asMade(context.metadata) === asMade(metadata)
  );
}

function keyOf(owner: SessionOwner | undefined): string | null {
  return owner === undefined ? null : ownerKey(owner);
}

const append = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.append');
  const { spans, commandId, at } = event;
  const judged = newSpans(event);
  if ('code' in judged) {
    enqueue.emit(refusing(context, event, judged));
    return;
  }
  const room = limits.traceSpansMax - context.spans;
  if (judged.length > room) {
    const message = `A trace may have ${limits.traceSpansMax} spans; this one has room for ${room}, not for ${judged.length}`;
    enqueue.emit(refusing(context, event, refusal('conflict', message)));
    return;
  }
  enqueue.assign({ spans: context.spans + judged.length });
  const { id, sessionId } = context;
  for (const span of judged) {
    enqueue.emit({
      type: 'trace.span.appended',
      sessionId,
      at,
      commandId,
      lane: id,
      data: { ...span, ...(sessionId === null ? {} : { sessionId }), origin: 'client' },
      ...recordOf(context),
    });
  }
  const result = { traceId: id, stored: spans.length };
  for (const said of acceptance(context, event, result)) enqueue.emit(said);
});

/** A repetition is answered as before; anything new comes too late. */
const repeatAppend = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.append');
  const judged = newSpans(event);
  if ('code' in judged) {
    enqueue.emit(refusing(context, event, judged));
  } else if (judged.length > 0) {
    const message = `Trace ${context.id} is ${context.status}: nothing can be appended to it`;
    enqueue.emit(refusing(context, event, refusal('conflict', message)));
  } else {
    const result = { traceId: context.id, stored: event.spans.length };
    for (const said of acceptance(context, event, result)) enqueue.emit(said);
  }
});

/** The spans that are not stored yet; a refusal if one of them is stored as another. */
function newSpans({ spans, stored }: Extract<TraceCommand, { type: 'trace.append' }>) {
  const known = new Map(stored.map((span) => [span.id, span]));
  const added: TraceSpan[] = [];
  for (const span of spans) {
    const before = known.get(span.id);
    if (before === undefined) added.push(span);
    else if (!isSameSpan(before, span)) {
      return refusal('conflict', `Span id ${span.id} was used for another span of this trace`);
    }
  }
  return added;
}

function isSameSpan(one: TraceSpan, other: TraceSpan): boolean {
  const told = ({ parentId, name, status, startedAt, endedAt, attributes }: TraceSpan) =>
    JSON.stringify([parentId, name, status, startedAt, endedAt, Object.entries(attributes).toSorted()]);
  return told(one) === told(other);
}

const finalise = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.finalise');
  const { status, error, at } = event;
  const metadata = error === null ? context.metadata : { ...context.metadata, error };
  // Time never steps back within a trace.
  const next = { ...context, status, metadata, updatedAt: Math.max(context.updatedAt, at) };
  enqueue.assign(next);
  enqueue.emit(traceEvent('trace.updated', next, event));
  for (const said of acceptance(next, event, traceOf(next))) enqueue.emit(said);
});

const repeatFinalisation = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'trace.finalise');
  const { status, error } = event;
  if (status === context.status && (error === null || error === context.metadata['error'])) {
    for (const said of acceptance(context, event, traceOf(context))) enqueue.emit(said);
    return;
  }
  const message = `Trace ${context.id} is ${context.status} already`;
  enqueue.emit(refusing(context, event, refusal('conflict', message)));
});

const refuseMissing = clientTraceSetup.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== 'session.gone') enqueue.emit(refusing(context, event, traceNotFound(context.id)));
});

const forgetSession = clientTraceSetup.assign({ sessionId: null });

const answersRepetitions = {
  'trace.create': { actions: 'repeatCreation' },
  'trace.append': { actions: 'repeatAppend' },
  'trace.finalise': { actions: 'repeatFinalisation' },
} as const;

export const clientTraceMachine = clientTraceSetup
  .extend({
    actions: {
      create,
      repeatCreation,
      append,
      repeatAppend,
      finalise,
      repeatFinalisation,
      refuseMissing,
      forgetSession,
    },
  })
  .createMachine({
    id: 'clientTrace',
    context: ({ input }) => initialTrace(input),
    initial: 'waking',
    states: {
      waking: {
        always: [
          { guard: 'isRunning', target: 'running' },
          { guard: 'isCompleted', target: 'completed' },
          { guard: 'isFailed', target: 'failed' },
          { target: 'absent' },
        ],
      },
      absent: {
        on: {
          'trace.create': { target: 'running', actions: 'create' },
          'trace.append': { actions: 'refuseMissing' },
          'trace.finalise': { actions: 'refuseMissing' },
        },
      },
      running: {
        on: {
          'trace.create': { actions: 'repeatCreation' },
          'trace.append': { actions: 'append' },
          'trace.finalise': [
            { guard: 'completes', target: 'completed', actions: 'finalise' },
            { target: 'failed', actions: 'finalise' },
          ],
        },
      },
      completed: { on: answersRepetitions },
      failed: { on: answersRepetitions },
    },
    on: { 'session.gone': { actions: 'forgetSession' } },
  });
