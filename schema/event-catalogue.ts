/**
 * Every domain event: its namespace, how it is delivered, and the schema of its data. One source for types,
 * validation, storage and the API documents.
 *
 * An actor's transition emits a {@link DomainEvent}; the outbox makes it durable and publishes it.
 */
import { z } from 'zod';
import { agentActivitySchema } from './agent-activity.ts';
import { chatMessageSchema } from './chat-message.ts';
import { chatSessionSchema, deletedSessionSchema } from './chat-session.ts';
import { executionTreeUpdatedSchema } from './execution-tree.ts';
import type { CommandId, SessionId } from './ids.ts';
import { logEntrySchema } from './log-entry.ts';
import { preferencesUpdatedSchema } from './preferences.ts';
import { reasoningCompletedSchema, reasoningPartialSchema } from './reasoning.ts';
import { runtimeConfigSchema } from './runtime-config.ts';
import type { Milliseconds } from './timestamp.ts';
import { baselineToolEventSchema, toolEventSchema } from './tool-event.ts';
import { traceSchema } from './trace.ts';
import {
  completedCommandSchema,
  messageCheckpointSchema,
  type ToolCallRecord,
  turnEndedSchema,
  turnQueuedSchema,
  turnStartedSchema,
  turnStepEndedSchema,
  turnStepStartedSchema,
} from './turn-record.ts';

/** The namespaces that clients can open a socket on, each at the path `/<namespace>` (docs/protocol.md A1). */
export const wireNamespaces = [
  'chat-sessions',
  'chat-messages',
  'traces',
  'config',
  'tools',
  'logs',
] as const;
export type WireNamespace = (typeof wireNamespaces)[number];

/** The others are kept in the journal for recovery and replay and have no baseline socket. */
export const namespaces = [...wireNamespaces, 'turns', 'commands', 'preferences'] as const;
export type Namespace = (typeof namespaces)[number];

/**
 * - `durable`: written to the journal, published after its commit, in lane order (I1, I2).
 * - `journal`: written in lane order, never published to baseline clients.
 * - `checkpoint`: written, but nothing waits for it: it repeats text that clients already have.
 * - `volatile`: published in lane order, never written: it is lost with the process.
 * - `stream`: not emitted as such: the broadcaster derives it from a {@link TextPiece}.
 */
export const deliveries = ['durable', 'journal', 'checkpoint', 'volatile', 'stream'] as const;
export type Delivery = (typeof deliveries)[number];

type CatalogueEntry = {
  readonly namespace: Namespace;
  readonly delivery: Delivery;
  readonly data: z.ZodType;
  /** What baseline sockets see instead; absent: the same. */
  readonly baseline?: z.ZodType;
  readonly summary: string;
};

export const eventCatalogue = {
  'session.created': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: chatSessionSchema,
    summary: 'A session was created.',
  },
  'session.updated': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: chatSessionSchema,
    summary: 'A session was renamed or archived, or a message was added to it.',
  },
  'session.deleted': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: deletedSessionSchema,
    summary: 'A session was deleted; nothing of it follows (I7).',
  },
  'message.created': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: chatMessageSchema,
    summary: "A message was added; the assistant's with its first text.",
  },
  'message.updated': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: chatMessageSchema,
    summary: 'The whole content of a message, once more when its answer ends (I4).',
  },
  'agent.activity': {
    namespace: 'chat-sessions',
    delivery: 'durable',
    data: agentActivitySchema,
    summary: "The session's agent changed its state (I8).",
  },
  'execution-tree.updated': {
    namespace: 'chat-sessions',
    delivery: 'volatile',
    data: executionTreeUpdatedSchema,
    summary: 'A tool call changed the execution tree of its session; the whole tree.',
  },
  'message.partial': {
    namespace: 'chat-messages',
    delivery: 'stream',
    data: chatMessageSchema,
    summary: 'A piece of an answer; `content` is everything so far.',
  },
  'message.reasoning.partial': {
    namespace: 'chat-messages',
    delivery: 'stream',
    data: reasoningPartialSchema,
    summary: 'A piece of reasoning; `text` is everything so far.',
  },
  'message.reasoning.completed': {
    namespace: 'chat-messages',
    delivery: 'durable',
    data: reasoningCompletedSchema,
    summary: 'A reasoning model finished reasoning.',
  },
  'trace.created': {
    namespace: 'traces',
    delivery: 'durable',
    data: traceSchema,
    summary: 'A run began (I6).',
  },
  'trace.updated': {
    namespace: 'traces',
    delivery: 'durable',
    data: traceSchema,
    summary: 'The status of a run moved forward (I6).',
  },
  'config.updated': {
    namespace: 'config',
    delivery: 'durable',
    data: runtimeConfigSchema,
    summary: 'The runtime config was patched; the whole document.',
  },
  'tool.call': {
    namespace: 'tools',
    delivery: 'durable',
    data: toolEventSchema,
    baseline: baselineToolEventSchema,
    summary: 'A tool call started, waits for a person, or was updated (I5).',
  },
  'tool.result': {
    namespace: 'tools',
    delivery: 'durable',
    data: toolEventSchema,
    baseline: baselineToolEventSchema,
    summary: 'A tool call ended (I5).',
  },
  'logs.created': {
    namespace: 'logs',
    delivery: 'volatile',
    data: z.array(logEntrySchema),
    summary: 'Log entries of one tick.',
  },
  'turn.queued': {
    namespace: 'turns',
    delivery: 'journal',
    data: turnQueuedSchema,
    summary: 'A message that wants an answer was accepted.',
  },
  'turn.started': {
    namespace: 'turns',
    delivery: 'journal',
    data: turnStartedSchema,
    summary: 'A turn left the queue.',
  },
  'turn.step.started': {
    namespace: 'turns',
    delivery: 'journal',
    data: turnStepStartedSchema,
    summary: 'A model call is about to be made.',
  },
  'turn.step.ended': {
    namespace: 'turns',
    delivery: 'journal',
    data: turnStepEndedSchema,
    summary: 'A model call ended and asks for tools.',
  },
  'turn.ended': {
    namespace: 'turns',
    delivery: 'journal',
    data: turnEndedSchema,
    summary: 'A turn reached its outcome (I11).',
  },
  'command.completed': {
    namespace: 'commands',
    delivery: 'journal',
    data: completedCommandSchema,
    summary: 'A command that its client named took effect (I10).',
  },
  'preferences.updated': {
    namespace: 'preferences',
    delivery: 'journal',
    data: preferencesUpdatedSchema,
    summary: 'The layout of a user changed; the whole of it.',
  },
  'message.checkpoint': {
    namespace: 'turns',
    delivery: 'checkpoint',
    data: messageCheckpointSchema,
    summary: 'Text of an answer that is still streaming (I11).',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type EventName = keyof typeof eventCatalogue;
export type EventData<Name extends EventName> = z.infer<(typeof eventCatalogue)[Name]['data']>;

type EmittedName = {
  [Name in EventName]: (typeof eventCatalogue)[Name]['delivery'] extends 'stream' ? never : Name;
}[EventName];

/** What an actor emits. `sessionId` is `null` for events that belong to no session (`config`, `logs`). */
export type DomainEvent = {
  [Name in EmittedName]: {
    readonly type: Name;
    readonly sessionId: SessionId | null;
    readonly data: EventData<Name>;
    /** When it happened. */
    readonly at: Milliseconds;
    /** The command that caused it, if one did directly. */
    readonly commandId?: CommandId;
  } & (Name extends 'tool.call' | 'tool.result'
    ? { /** The whole call, for the store; `data` has previews only. */ readonly record: ToolCallRecord }
    : unknown);
}[EmittedName];

export type DomainEventOf<Name extends EventName> = Extract<DomainEvent, { type: Name }>;

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventCatalogue, name);
}

export function isWireNamespace(name: string): name is WireNamespace {
  return wireNamespaces.some((namespace) => namespace === name);
}
