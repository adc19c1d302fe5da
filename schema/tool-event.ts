/**
 * Data of `tool.call` and `tool.result`, with previews instead of whole values (docs/protocol.md A3; I5, I9).
 *
 * `callboard.v1` shows all of it. Baseline clients know fewer statuses and keys, and one `tool.call` per call: {@link
 * baselineToolEvent} makes the event for them.
 */
import { z } from 'zod';
import { type SessionId, sessionIdSchema, type ToolCallId, toolCallIdSchema } from './ids.ts';
import { preview, valueText } from './preview.ts';
import { isoTimestamp, type Milliseconds } from './timestamp.ts';
import { type CallApproval, callApprovalSchema } from './tool-decision.ts';

export const baselineToolStatuses = ['running', 'completed', 'failed'] as const;
export const toolEventStatuses = ['awaitingApproval', ...baselineToolStatuses] as const;
export type ToolCallStatus = (typeof toolEventStatuses)[number];

/** The data for baseline sockets. */
export const baselineToolEventSchema = z
  .object({
    sessionId: sessionIdSchema,
    id: toolCallIdSchema,
    name: z.string(),
    status: z.enum(baselineToolStatuses),
    arguments: z.string().nullable(),
    result: z.string().nullable(),
    timestamp: z.iso.datetime(),
    agentId: z.string().nullable(),
  })
  .meta({ id: 'BaselineToolEvent' });
export type BaselineToolEvent = z.infer<typeof baselineToolEventSchema>;

/** The tool's progress: `done` of `total`, if the tool reports it. */
export const callProgressSchema = z
  .object({
    message: z.string().exactOptional(),
    done: z.number().exactOptional(),
    total: z.number().exactOptional(),
  })
  .meta({ id: 'CallProgress' });
export type CallProgress = z.infer<typeof callProgressSchema>;

export const toolEventSchema = baselineToolEventSchema
  .extend({
    status: z.enum(toolEventStatuses),
    /** Names the previews that are cut; the whole values are at `GET /chat-sessions/:id/tool-calls/:callId`. */
    cut: z.array(z.enum(['arguments', 'result'])).exactOptional(),
    /** A person's decision, once there is one. */
    approval: callApprovalSchema.exactOptional(),
    /** Present in updates of a running call. */
    progress: callProgressSchema.exactOptional(),
  })
  .meta({ id: 'ToolEvent' });
export type ToolEvent = z.infer<typeof toolEventSchema>;

/**
 * The data of a call as a machine emits it and the journal keeps it: without its arguments and its result, which are
 * whole in the {@link ToolCallRecord} beside it. Previews are made with the frames ({@link shownToolEvent}).
 */
export const toolFactSchema = toolEventSchema
  .omit({ arguments: true, result: true, cut: true })
  .meta({ id: 'ToolFact' });
export type ToolFact = z.infer<typeof toolFactSchema>;

export function toolFact(call: {
  readonly sessionId: SessionId;
  readonly id: ToolCallId;
  readonly name: string;
  readonly status: ToolFact['status'];
  readonly at: Milliseconds;
  readonly agentId: unknown;
  readonly approval?: CallApproval | null;
  readonly progress?: CallProgress | null;
}): ToolFact {
  return {
    sessionId: call.sessionId,
    id: call.id,
    name: call.name,
    status: call.status,
    timestamp: isoTimestamp(call.at),
    agentId: agentIdOf(call.agentId),
    ...(call.approval ? { approval: call.approval } : {}),
    ...(call.progress ? { progress: call.progress } : {}),
  };
}

/** The event with previews of at most `previewUnitsMax` units, for `callboard.v1` and REST (I9). */
export function shownToolEvent(
  fact: ToolFact,
  whole: { readonly arguments: unknown; readonly result: unknown },
  previewUnitsMax: number,
): ToolEvent {
  const cut = (['arguments', 'result'] as const).filter(
    (part) => (valueText(whole[part])?.length ?? 0) > previewUnitsMax,
  );
  const { sessionId, id, name, status, timestamp, agentId, approval, progress } = fact;
  return {
    sessionId,
    id,
    name,
    status,
    arguments: preview(whole.arguments, previewUnitsMax),
    result: preview(whole.result, previewUnitsMax),
    timestamp,
    agentId,
    ...(cut.length === 0 ? {} : { cut }),
    ...(approval === undefined ? {} : { approval }),
    ...(progress === undefined ? {} : { progress }),
  };
}

/**
 * Whether an earlier event has announced the call: true after its approval, with its progress, and with its result.
 * The journal keeps the arguments only with the first event of a call.
 */
export function isToldAgain(
  type: 'tool.call' | 'tool.result',
  { approval, progress }: Pick<ToolFact, 'approval' | 'progress'>,
): boolean {
  return type === 'tool.result' || approval !== undefined || progress !== undefined;
}

/**
 * The event for baseline sockets; `null` for an update, which their clients would take for a second call
 * (docs/protocol.md A3, B4). A call that waits for a person is shown as running.
 */
export function baselineToolEvent(
  type: 'tool.call' | 'tool.result',
  event: ToolEvent,
): BaselineToolEvent | null {
  const { cut: _, approval: __, progress: ___, status, ...known } = event;
  if (type === 'tool.call' && isToldAgain(type, event)) return null;
  const { sessionId, id, name, ...rest } = known;
  return { sessionId, id, name, status: status === 'awaitingApproval' ? 'running' : status, ...rest };
}

/** Trimmed; an empty value or one that is not a string becomes `null` (docs/protocol.md A3). */
export function agentIdOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
