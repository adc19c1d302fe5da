/**
 * The spans of a run: the turn as a whole, each model call, each tool call. Each is told once, at its end, with the
 * names of the OpenTelemetry conventions for generative AI.
 *
 * Their ids follow from ids that exist anyway, so that machines can make them and a replay makes the same: a turn and
 * a tool call have their own, and that of a model call is the turn's with step and attempt as its last group. They are
 * unique within a trace.
 */
import type { DomainEvent } from '../schema/event-catalogue.ts';
import {
  type SessionId,
  type SpanId,
  spanIdSchema,
  type ToolCallId,
  type TraceId,
  type TurnId,
} from '../schema/ids.ts';
import type { ModelUsage } from '../schema/model-usage.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import type { SpanAttributes } from '../schema/trace-span.ts';

export type RunSpan = {
  readonly sessionId: SessionId;
  readonly traceId: TraceId;
  readonly startedAt: Milliseconds;
  readonly endedAt: Milliseconds;
  /** The class of the failure; `null`: it went well. */
  readonly errorType: string | null;
};

export function turnSpan(
  span: RunSpan & { readonly turnId: TurnId; readonly agentId: string | null; readonly usage?: ModelUsage },
): DomainEvent {
  const { turnId, agentId, usage = {}, sessionId } = span;
  return spanEvent(span, {
    id: spanIdSchema.parse(turnId),
    parentId: null,
    name: agentId === null ? 'invoke_agent' : `invoke_agent ${agentId}`,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      ...(agentId === null ? {} : { 'gen_ai.agent.name': agentId }),
      'gen_ai.conversation.id': sessionId,
      ...usageAttributes(usage),
    },
  });
}

export function modelCallSpan(
  span: RunSpan & {
    readonly turnId: TurnId;
    readonly step: number;
    readonly attempt: number;
    /** As it was asked for; absent: the default of the server. */
    readonly requestModel: string | undefined;
    readonly responseModel?: string | undefined;
    readonly finishReason?: string | undefined;
    readonly usage?: ModelUsage | undefined;
  },
): DomainEvent {
  const { turnId, step, attempt, requestModel, responseModel, finishReason, usage = {} } = span;
  const model = requestModel ?? responseModel;
  return spanEvent(span, {
    id: modelCallSpanId(turnId, step, attempt),
    parentId: spanIdSchema.parse(turnId),
    name: model === undefined ? 'chat' : `chat ${model}`,
    attributes: {
      'gen_ai.operation.name': 'chat',
      ...(requestModel === undefined ? {} : { 'gen_ai.request.model': requestModel }),
      ...(responseModel === undefined ? {} : { 'gen_ai.response.model': responseModel }),
      ...(finishReason === undefined ? {} : { 'gen_ai.response.finish_reasons': finishReason }),
      ...usageAttributes(usage),
      'callboard.step': step,
      'callboard.attempt': attempt,
    },
  });
}

export function toolCallSpan(
  span: RunSpan & { readonly turnId: TurnId; readonly callId: ToolCallId; readonly name: string },
): DomainEvent {
  const { turnId, callId, name } = span;
  return spanEvent(span, {
    id: spanIdSchema.parse(callId),
    parentId: spanIdSchema.parse(turnId),
    name: `execute_tool ${name}`,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': callId,
    },
  });
}

type Named = {
  readonly id: SpanId;
  readonly parentId: SpanId | null;
  readonly name: string;
  readonly attributes: SpanAttributes;
};

function spanEvent(span: RunSpan, { id, parentId, name, attributes }: Named): DomainEvent {
  const { sessionId, traceId, errorType } = span;
  const startedAt = Math.min(span.startedAt, span.endedAt);
  return {
    type: 'trace.span.appended',
    sessionId,
    at: span.endedAt,
    data: {
      id,
      traceId,
      parentId,
      name,
      status: errorType === null ? 'ok' : 'error',
      startedAt: isoTimestamp(startedAt),
      endedAt: isoTimestamp(span.endedAt),
      attributes: { ...attributes, ...(errorType === null ? {} : { 'error.type': errorType }) },
      sessionId,
    },
  };
}

function modelCallSpanId(turnId: TurnId, step: number, attempt: number): SpanId {
  const inHex = (count: number) => count.toString(16).padStart(6, '0').slice(-6);
  return spanIdSchema.parse(`${turnId.slice(0, 24)}${inHex(step)}${inHex(attempt)}`);
}

function usageAttributes({ inputTokens, outputTokens }: ModelUsage): SpanAttributes {
  return {
    ...(inputTokens === undefined ? {} : { 'gen_ai.usage.input_tokens': inputTokens }),
    ...(outputTokens === undefined ? {} : { 'gen_ai.usage.output_tokens': outputTokens }),
  };
}
