/**
 * Interruption: the events that close a turn whose actors have gone (I11).
 *
 * Goal: from the rows alone, make the events that give a turn its outcome and leave nothing of it open. Method: one
 * pure function of those rows; what had already ended gets no second end.
 */

import type { SessionOwner } from '../schema/authorization.ts';
import type { MessageFact } from '../schema/chat-message.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { ToolCallId } from '../schema/ids.ts';
import { runEndReasons } from '../schema/run-end-reasons.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import type { CallApproval } from '../schema/tool-decision.ts';
import { toolFact } from '../schema/tool-event.ts';
import type { Trace } from '../schema/trace.ts';
import type { EndedStep, ToolCallRecord, TurnIdentity } from '../schema/turn-record.ts';
import { toolCallSpan, turnSpan } from './run-spans.ts';
import { spentOf } from './turn-answer.ts';

/** A stored call that has not ended. */
export type OpenCallRow = Required<
  Omit<ToolCallRecord, 'approvalDeadline' | 'result' | 'files' | 'answerId'>
> & {
  readonly id: ToolCallId;
  readonly name: string;
  readonly agentId: string | null;
  readonly approvalDeadline: Milliseconds | null;
  readonly approval: CallApproval | null;
  readonly startedAt: Milliseconds;
};

/** The rows of a turn that was running when its process died. */
export type InterruptedTurn = {
  readonly turn: TurnIdentity;
  /** The answer with its checkpointed text, if its message exists. */
  readonly answer: MessageFact | undefined;
  readonly trace: Trace | undefined;
  /** Calls without a result, including those that wait for a person. They are not run again. */
  readonly openCalls: readonly OpenCallRow[];
  /** Who pays for it … */
  readonly chargedTo?: SessionOwner | undefined;
  /** … and its model calls that have ended. */
  readonly steps?: readonly EndedStep[];
};

export function interruptionEvents(rows: InterruptedTurn, at: Milliseconds): readonly DomainEvent[] {
  const { turnId, sessionId } = rows.turn;
  const timestamp = isoTimestamp(at);
  return [
    ...interruptedCalls(rows.turn, rows.openCalls, at),
    ...(rows.answer === undefined
      ? []
      : [
          {
            type: 'message.updated',
            sessionId,
            at,
            data: { ...rows.answer, status: 'interrupted' },
          } satisfies DomainEvent,
        ]),
    ...(rows.trace === undefined ? [] : failedTrace(rows.turn, rows.trace, at)),
    { type: 'agent.activity', sessionId, at, data: { sessionId, state: 'idle', timestamp } },
    {
      type: 'turn.ended',
      sessionId,
      at,
      data: {
        turnId,
        sessionId,
        timestamp,
        outcome: 'interrupted',
        reason: runEndReasons.serverStopped,
        ...spentOf(rows.chargedTo, rows.steps ?? []),
      },
    },
  ];
}

/** A `tool.result` and a span for each call: nobody knows whether it ran to its end. */
export function interruptedCalls(
  { sessionId, traceId }: Pick<TurnIdentity, 'sessionId' | 'traceId'>,
  calls: readonly OpenCallRow[],
  at: Milliseconds,
): readonly DomainEvent[] {
  return calls.flatMap((call): readonly DomainEvent[] => {
    const { id, name, agentId, approval, turnId, modelCallId, argumentsJson, step, needsApproval } = call;
    const result = runEndReasons.serverStopped;
    const ended: DomainEvent = {
      type: 'tool.result',
      sessionId,
      at,
      data: toolFact({
        sessionId,
        id,
        name,
        status: 'failed',
        at,
        agentId,
        approval,
      }),
      record: {
        turnId,
        modelCallId,
        argumentsJson,
        step,
        needsApproval,
        ...(call.approvalDeadline === null ? {} : { approvalDeadline: call.approvalDeadline }),
        result,
      },
    };
    const span = { sessionId, turnId, traceId, callId: id, name, errorType: 'interrupted' };
    return [ended, toolCallSpan({ ...span, startedAt: call.startedAt, endedAt: at })];
  });
}

/** Model calls that were under way have no span: nobody knows how far they came. */
function failedTrace({ turnId }: TurnIdentity, trace: Trace, at: Milliseconds): readonly DomainEvent[] {
  if (trace.status === 'completed' || trace.status === 'failed') return [];
  const { id, sessionId, name, createdAt } = trace;
  const updatedAt = Math.max(at, millisecondsOf(trace.updatedAt));
  const startedAt = millisecondsOf(createdAt);
  return [
    ...(sessionId === undefined
      ? []
      : [
          turnSpan({
            ...{ sessionId, traceId: id, turnId, agentId: null, errorType: 'interrupted' },
            startedAt,
            endedAt: updatedAt,
          }),
        ]),
    {
      type: 'trace.updated',
      sessionId: sessionId ?? null,
      at,
      data: {
        id,
        ...(sessionId === undefined ? {} : { sessionId }),
        name,
        status: 'failed',
        durationMs: Math.max(0, updatedAt - startedAt),
        metadata: { ...trace.metadata, error: runEndReasons.serverStopped },
        createdAt,
        updatedAt: isoTimestamp(updatedAt),
      },
    },
  ];
}
