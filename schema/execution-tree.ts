/**
 * The agent and the tool calls of a session, in the shape that the baseline's web page reads (docs/protocol.md A6). The
 * page draws a call only under the agent that the call names, and crashes on a tree without any agent: there is always
 * one, which stands for the session.
 */
import { z } from 'zod';
import type { ChatSession } from './chat-session.ts';
import { sessionIdSchema } from './ids.ts';
import type { JsonValue } from './json-value.ts';
import { limits } from './limits.ts';
import { cutText } from './preview.ts';
import { isoTimestamp, type Milliseconds } from './timestamp.ts';
import type { ToolCallStatus } from './tool-event.ts';

/** The page's names for the statuses of a call; `pending`: a person must decide. */
export const invocationStatuses = ['pending', 'running', 'completed', 'failed'] as const;

export const executionAgentSchema = z
  .object({
    /** That of the session. */
    id: z.string(),
    /** The title of the session. */
    name: z.string(),
    /** Of the model that the next turn asks, unless its message has chosen another one. */
    provider: z.string(),
    model: z.string(),
    depth: z.int(),
    metadata: z
      .object({
        /** Messages of the current branch. */
        messageCount: z.int(),
        /** Of the turn's machine, `modelCall.calling.streaming`; `idle`: no turn runs. */
        state: z.string(),
        turnId: z.string().exactOptional(),
        messageId: z.string().exactOptional(),
        step: z.int().exactOptional(),
        attempt: z.int().exactOptional(),
      })
      .describe('`turnId` and what follows only while a turn runs'),
    children: z.array(z.json()),
  })
  .meta({ id: 'ExecutionAgent' });

export const toolInvocationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(invocationStatuses),
    metadata: z.object({
      /** The agent of the hierarchy that made the call. */
      agentId: z.string(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
      startedAt: z.iso.datetime(),
      toolCallId: z.string(),
      /** A value where they are JSON, else their text; cut text when they are long. */
      arguments: z.json(),
      /** The same; null: there is none. */
      result: z.json(),
      turnId: z.string(),
      step: z.int(),
      awaitingApproval: z.literal(true).exactOptional(),
    }),
    children: z.array(z.json()),
  })
  .meta({ id: 'ToolInvocation' });
type ToolInvocation = z.output<typeof toolInvocationSchema>;

/** What a model can be told of: the messages of the current branch. */
export const contextBundleSchema = z
  .object({
    id: z.string(),
    label: z.string(),
    summary: z.string(),
    /** UTF-8 bytes of the texts. */
    sizeBytes: z.int(),
    fileCount: z.int(),
    files: z.array(z.json()),
  })
  .meta({ id: 'ContextBundle' });

const collections = {
  capturedAt: z.iso.datetime(),
  agentHierarchy: z.array(executionAgentSchema),
  toolInvocations: z.array(toolInvocationSchema),
  contextBundles: z.array(contextBundleSchema),
};

/** The tree of a session. */
export const executionTreeSchema = z
  .object({ sessionId: sessionIdSchema, ...collections })
  .meta({ id: 'ExecutionTree' });
export type ExecutionTree = z.output<typeof executionTreeSchema>;

/** Body of `GET /orchestrator/metadata`: the tree, or without a session nothing but the time. */
export const orchestratorMetadataSchema = z
  .object({ sessionId: sessionIdSchema.exactOptional(), ...collections })
  .meta({ id: 'OrchestratorMetadata' });

/** Body of `GET /orchestrator/execution-state`: the tree, and the same sorted by agent. */
export const executionStateSchema = executionTreeSchema
  .extend({
    agentLineageById: z.record(z.string(), z.array(z.string())),
    toolGroupsByAgentId: z.record(
      z.string(),
      z.record(z.enum(invocationStatuses), z.array(toolInvocationSchema)),
    ),
    contextBundlesByAgentId: z.record(z.string(), z.array(contextBundleSchema)),
    contextBundlesByToolCallId: z.record(z.string(), z.array(contextBundleSchema)),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'ExecutionState' });
export type ExecutionState = z.output<typeof executionStateSchema>;

/** Data of `execution-tree.updated`. */
export const executionTreeUpdatedSchema = z
  .object({ sessionId: sessionIdSchema, state: executionTreeSchema })
  .meta({ id: 'ExecutionTreeUpdated' });

/** A call for the tree. */
export type TreeCall = {
  readonly id: string;
  readonly turnId: string;
  readonly step: number;
  readonly name: string;
  readonly status: ToolCallStatus;
  readonly argumentsJson: string;
  readonly result: string | null;
  readonly startedAt: Milliseconds;
  readonly endedAt: Milliseconds | null;
};

/** The running turn, as its actor reports it. */
export type RunningAgent = {
  readonly turnId: string;
  readonly messageId: string;
  /** State of the turn's machine, `modelCall.calling.streaming`. */
  readonly state: string;
  readonly step: number;
  readonly attempt: number;
  /** The agent outside that pushes it; absent: the server's engine gives it. */
  readonly agent?: string | undefined;
};

/** How long the current branch is. */
export type HistorySize = {
  readonly messages: number;
  /** UTF-8 bytes of their texts, without text that is still streaming. */
  readonly bytes: number;
};

export type ExecutionTreeParts = {
  readonly session: Pick<ChatSession, 'id' | 'title'>;
  /** `<provider>/<model>`, or `rehearsal`. */
  readonly model: string;
  readonly history: HistorySize;
  /** Oldest first. */
  readonly calls: readonly TreeCall[];
  /** `null` while no turn runs. */
  readonly running: RunningAgent | null;
  readonly now: Milliseconds;
};

export function executionTree(parts: ExecutionTreeParts): ExecutionTree {
  const { session, model, history, calls, running, now } = parts;
  const { messages, bytes } = history;
  const { agent = session.title, ...turn } = running ?? {};
  return {
    sessionId: session.id,
    capturedAt: isoTimestamp(now),
    agentHierarchy: [
      {
        id: session.id,
        name: agent,
        ...providerAndModel(model),
        depth: 0,
        metadata: { messageCount: messages, state: 'idle', ...turn },
        children: [],
      },
    ],
    toolInvocations: invocationsOf(session.id, calls),
    contextBundles: [
      {
        id: `${session.id}-history`,
        label: 'Session history',
        summary: messages === 1 ? '1 message' : `${messages} messages`,
        sizeBytes: bytes,
        fileCount: 0,
        files: [],
      },
    ],
  };
}

export function executionState(tree: ExecutionTree): ExecutionState {
  const { agentHierarchy, toolInvocations, contextBundles, capturedAt } = tree;
  const byAgent = <Value>(of: (agent: string) => Value): Record<string, Value> =>
    Object.fromEntries(agentHierarchy.map(({ id }) => [id, of(id)]));
  return {
    ...tree,
    agentLineageById: byAgent((id) => [id]),
    toolGroupsByAgentId: byAgent((id) => groupsOf(toolInvocations, id)),
    contextBundlesByAgentId: byAgent(() => contextBundles),
    contextBundlesByToolCallId: {},
    createdAt: toolInvocations[0]?.metadata.createdAt ?? capturedAt,
    updatedAt: capturedAt,
  };
}

/** The built-in engine is its own provider and model, as in `GET /providers/catalog`. */
function providerAndModel(name: string): { readonly provider: string; readonly model: string } {
  const slash = name.indexOf('/');
  return slash < 0
    ? { provider: name, model: name }
    : { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

function groupsOf(invocations: readonly ToolInvocation[], agent: string) {
  const of = (status: ToolInvocation['status']) =>
    invocations.filter((one) => one.metadata.agentId === agent && one.status === status);
  return {
    pending: of('pending'),
    running: of('running'),
    completed: of('completed'),
    failed: of('failed'),
  };
}

/** Whole values go to the newest calls first. */
function invocationsOf(agentId: string, calls: readonly TreeCall[]): ToolInvocation[] {
  let room: number = limits.executionTreeUnitsMax;
  const shown = (text: string): JsonValue => {
    if (text.length > Math.min(room, limits.executionTreeValueUnitsMax)) {
      return cutText(text, limits.executionTreePreviewUnitsMax);
    }
    room -= text.length;
    return jsonValue(text);
  };
  return calls
    .toReversed()
    .map((call): ToolInvocation => {
      const startedAt = isoTimestamp(call.startedAt);
      return {
        id: call.id,
        name: call.name,
        status: call.status === 'awaitingApproval' ? 'pending' : call.status,
        metadata: {
          agentId,
          createdAt: startedAt,
          updatedAt: isoTimestamp(call.endedAt ?? call.startedAt),
          startedAt,
          toolCallId: call.id,
          arguments: shown(call.argumentsJson),
          result: call.result === null ? null : shown(call.result),
          turnId: call.turnId,
          step: call.step,
          ...(call.status === 'awaitingApproval' ? { awaitingApproval: true as const } : {}),
        },
        children: [],
      };
    })
    .toReversed();
}

/** Numbers with more digits than JavaScript's lose some: what a call has is in `GET /tool-calls/:id`. */
function jsonValue(text: string): JsonValue {
  try {
    return wellFormed(JSON.parse(text));
  } catch {
    return text.toWellFormed();
  }
}

/** JSON may spell half a character as `\ud800`. The text that the value comes from is short, so this cannot overflow. */
function wellFormed(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(wellFormed);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]),
  );
}
