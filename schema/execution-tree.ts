/**
 * The agents and tool calls of a session, in the shape that the baseline's web page reads (docs/protocol.md A5), with
 * empty collections for data that Callboard does not have.
 */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { cutText } from './preview.ts';
import { isoTimestamp, type Milliseconds } from './timestamp.ts';
import type { ToolCallStatus } from './tool-event.ts';

/** The page's names for the statuses of a call; `pending`: a person must decide. */
export const invocationStatuses = ['pending', 'running', 'completed', 'failed'] as const;

export const executionAgentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    model: z.string().exactOptional(),
    depth: z.int(),
    lineage: z.array(z.string()),
    children: z.array(z.json()),
    metadata: z.record(z.string(), z.json()),
  })
  .meta({ id: 'ExecutionAgent' });

export const toolInvocationSchema = z
  .object({
    id: z.string(),
    agentId: z.string(),
    name: z.string(),
    status: z.enum(invocationStatuses),
    args: z.string(),
    result: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    metadata: z.record(z.string(), z.json()),
    children: z.array(z.json()),
  })
  .meta({ id: 'ToolInvocation' });
type ToolInvocation = z.output<typeof toolInvocationSchema>;

const nothing = z.array(z.json());

/** Body of `GET /orchestrator/execution-state`. */
export const executionStateSchema = z
  .object({
    agentHierarchy: z.array(executionAgentSchema),
    toolInvocations: z.array(toolInvocationSchema),
    contextBundles: nothing,
    agentLineageById: z.record(z.string(), z.array(z.string())),
    toolGroupsByAgentId: z.record(
      z.string(),
      z.record(z.enum(invocationStatuses), z.array(toolInvocationSchema)),
    ),
    contextBundlesByAgentId: z.record(z.string(), nothing),
    contextBundlesByToolCallId: z.record(z.string(), nothing),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'ExecutionState' });
export type ExecutionState = z.output<typeof executionStateSchema>;

/** Data of `execution-tree.updated`. */
export const executionTreeUpdatedSchema = z
  .object({ sessionId: sessionIdSchema, state: executionStateSchema })
  .meta({ id: 'ExecutionTreeUpdated' });

/** Body of `GET /orchestrator/metadata`. */
export const orchestratorMetadataSchema = z
  .object({
    sessionId: sessionIdSchema.exactOptional(),
    capturedAt: z.iso.datetime(),
    agentHierarchy: z.array(executionAgentSchema),
    toolInvocations: z.array(toolInvocationSchema),
    contextBundles: nothing,
  })
  .meta({ id: 'OrchestratorMetadata' });

/** A call for the tree. */
export type TreeCall = {
  readonly id: string;
  readonly turnId: string;
  readonly step: number;
  readonly name: string;
  readonly agentId: string | null;
  readonly status: ToolCallStatus;
  readonly argumentsJson: string;
  readonly result: string | null;
  readonly startedAt: Milliseconds;
  readonly endedAt: Milliseconds | null;
};

/** The running turn, as its actor reports it. */
export type RunningAgent = {
  readonly agentId: string;
  readonly turnId: string;
  readonly messageId: string;
  /** State of the turn's machine, `modelCall.calling.streaming`. */
  readonly state: string;
  readonly step: number;
  readonly attempt: number;
  readonly model: string | undefined;
};

/** `calls` oldest first; `running` is null while the agent is idle. */
export function executionState(
  calls: readonly TreeCall[],
  running: RunningAgent | null,
  now: Milliseconds,
): ExecutionState {
  const invocations = calls.map(invocationOf);
  const agents = [
    ...new Set([...invocations.map(({ agentId }) => agentId), ...(running ? [running.agentId] : [])]),
  ];
  const first = calls[0]?.startedAt ?? now;
  return {
    agentHierarchy: agents.map((id) => ({
      id,
      name: id,
      ...(running?.agentId === id && running.model !== undefined ? { model: running.model } : {}),
      depth: 0,
      lineage: [id],
      children: [],
      metadata: running?.agentId === id ? runningMetadata(running) : { state: 'idle' },
    })),
    toolInvocations: invocations,
    contextBundles: [],
    agentLineageById: Object.fromEntries(agents.map((id) => [id, [id]])),
    toolGroupsByAgentId: Object.fromEntries(agents.map((id) => [id, groupsOf(invocations, id)])),
    contextBundlesByAgentId: {},
    contextBundlesByToolCallId: {},
    createdAt: isoTimestamp(first),
    updatedAt: isoTimestamp(now),
  };
}

function runningMetadata({ turnId, messageId, state, step, attempt }: RunningAgent) {
  return { turnId, messageId, state, step, attempt };
}

function groupsOf(invocations: readonly ToolInvocation[], agent: string) {
  const of = (status: ToolInvocation['status']) =>
    invocations.filter((one) => one.agentId === agent && one.status === status);
  return {
    pending: of('pending'),
    running: of('running'),
    completed: of('completed'),
    failed: of('failed'),
  };
}

function invocationOf(call: TreeCall): ToolInvocation {
  const shown = (text: string) => cutText(text, limits.executionTreePreviewUnitsMax);
  return {
    id: call.id,
    agentId: call.agentId ?? 'agent',
    name: call.name,
    status: call.status === 'awaitingApproval' ? 'pending' : call.status,
    args: shown(call.argumentsJson),
    result: call.result === null ? null : shown(call.result),
    createdAt: isoTimestamp(call.startedAt),
    updatedAt: isoTimestamp(call.endedAt ?? call.startedAt),
    metadata: {
      turnId: call.turnId,
      step: call.step,
      ...(call.status === 'awaitingApproval' ? { awaitingApproval: true } : {}),
    },
    children: [],
  };
}
