/**
 * Every domain event: its namespace and delivery, from `event-table.ts`, and the schema of its data. One source for
 * types, validation, storage and the API documents.
 *
 * An actor's transition emits a {@link DomainEvent}; the outbox makes it durable and publishes it.
 */
import { z } from 'zod';
import { agentActivityFactSchema, agentActivitySchema } from './agent-activity.ts';
import {
  refusalsCountedSchema,
  sessionCommandedSchema,
  sessionHandedOverSchema,
  tokenCreatedSchema,
} from './audit.ts';
import type { SessionOwner } from './authorization.ts';
import { baselineMessageSchema, chatMessageSchema, messageFactSchema } from './chat-message.ts';
import {
  baselineSessionSchema,
  chatSessionSchema,
  deletedMessageSchema,
  deletedSessionSchema,
  selectedBranchSchema,
} from './chat-session.ts';
import { configFileUpdatedSchema } from './config-editor.ts';
import { type EventDelivered, type EventName, eventTable } from './event-table.ts';
import { executionTreeUpdatedSchema } from './execution-tree.ts';
import { deletedFileSchema, storedFileSchema } from './file.ts';
import type { CommandId, SessionId, TraceId } from './ids.ts';
import { sessionImportedSchema } from './imported-conversation.ts';
import { logEntrySchema } from './log-entry.ts';
import { participantSchema, removedParticipantSchema } from './participant.ts';
import { preferencesUpdatedSchema } from './preferences.ts';
import { reasoningCompletedSchema, reasoningPartialSchema } from './reasoning.ts';
import { registeredToolSchema } from './registered-tool.ts';
import {
  configChangedSchema,
  configResetSchema,
  flagUpdatedSchema,
  runtimeConfigSchema,
} from './runtime-config.ts';
import { type KeySecrets, keyChangedSchema } from './stored-key.ts';
import type { Milliseconds } from './timestamp.ts';
import { baselineToolEventSchema, toolEventSchema, toolFactSchema } from './tool-event.ts';
import { baselineTraceSchema, purgedTracesSchema, traceSchema } from './trace.ts';
import { appendedSpanSchema } from './trace-span.ts';
import { turnClaimedSchema, turnOfferedSchema, turnWithdrawnSchema } from './turn-offer.ts';
import {
  completedCommandSchema,
  messageCheckpointSchema,
  type ToolCallRecord,
  turnEndedSchema,
  turnQueuedSchema,
  turnReceivedSchema,
  turnStartedSchema,
  turnStepEndedSchema,
  turnStepStartedSchema,
} from './turn-record.ts';
import { turnRetryingSchema } from './turn-retry.ts';

type Described = {
  /** The schema of the data that `callboard.v1` clients get. */
  readonly data: z.ZodType;
  /** The schema of the data that actors emit and the journal keeps instead; absent: the same. */
  readonly emitted?: z.ZodType;
  /** The schema of the data that baseline sockets get instead; absent: the same; `null`: they do not get the event. */
  readonly baseline?: z.ZodType | null;
  readonly summary: string;
};

const described = {
  'session.created': {
    data: chatSessionSchema,
    baseline: baselineSessionSchema,
    summary: 'A session was created.',
  },
  'session.updated': {
    data: chatSessionSchema,
    baseline: baselineSessionSchema,
    summary: 'A session was renamed, archived or closed, or the reverse, or a message was added to it.',
  },
  'session.deleted': {
    data: deletedSessionSchema,
    summary: 'A session was deleted; nothing of it follows (I7).',
  },
  'message.created': {
    data: chatMessageSchema,
    emitted: messageFactSchema,
    baseline: baselineMessageSchema,
    summary: "A message was added; the assistant's with its first text or reasoning.",
  },
  'message.updated': {
    data: chatMessageSchema,
    emitted: messageFactSchema,
    baseline: baselineMessageSchema,
    summary:
      'The whole message, once more when its answer ends (I4), and when a message that waits is changed or placed.',
  },
  'message.deleted': {
    data: deletedMessageSchema,
    baseline: null,
    summary: 'A message was deleted with all messages below it, or taken out of the queue.',
  },
  'participant.added': {
    data: participantSchema,
    baseline: null,
    summary: 'Somebody takes part in the session from now on.',
  },
  'participant.updated': {
    data: participantSchema,
    baseline: null,
    summary: 'A participant has another role or name.',
  },
  'participant.removed': {
    data: removedParticipantSchema,
    baseline: null,
    summary: 'Somebody takes part no longer.',
  },
  'branch.selected': {
    data: selectedBranchSchema,
    baseline: null,
    summary: 'Another branch of the session is the current one.',
  },
  'agent.activity': {
    data: agentActivitySchema,
    emitted: agentActivityFactSchema,
    summary: "The session's agent changed its state (I8).",
  },
  'turn.retrying': {
    data: turnRetryingSchema,
    baseline: null,
    summary: 'A model call failed before it had produced anything, and is made again.',
  },
  'execution-tree.updated': {
    data: executionTreeUpdatedSchema,
    summary: 'A run began or ended, or a tool call changed: the whole execution tree of the session.',
  },
  'message.partial': {
    data: chatMessageSchema,
    baseline: baselineMessageSchema,
    summary: 'A piece of an answer; `content` is everything so far.',
  },
  'message.reasoning.partial': {
    data: reasoningPartialSchema,
    summary: 'A piece of reasoning; `text` is everything so far.',
  },
  'message.reasoning.completed': {
    data: reasoningCompletedSchema,
    summary: 'A reasoning model finished reasoning.',
  },
  'trace.created': {
    data: traceSchema,
    baseline: baselineTraceSchema,
    summary: 'A run began, or a client made a trace (I6).',
  },
  'trace.updated': {
    data: traceSchema,
    baseline: baselineTraceSchema,
    summary: 'The status of a trace moved forward (I6).',
  },
  'trace.span.appended': {
    data: appendedSpanSchema,
    baseline: null,
    summary: 'A piece of the work of a trace ended: a turn, a model call, a tool call, or one of a client.',
  },
  'trace.purged': {
    data: purgedTracesSchema,
    baseline: null,
    summary: 'Traces that had ended long ago are gone, with their spans.',
  },
  'config.updated': {
    data: runtimeConfigSchema,
    summary: 'The runtime config was patched, a flag was set, or it was reset; the whole document.',
  },
  'config.flag.updated': {
    data: flagUpdatedSchema,
    baseline: null,
    summary: 'A flag of the runtime config was set; `config.updated` follows.',
  },
  'config.reset': {
    data: configResetSchema,
    baseline: null,
    summary: 'The runtime config went back to its defaults; `config.updated` follows.',
  },
  'tool.call': {
    data: toolEventSchema,
    emitted: toolFactSchema,
    baseline: baselineToolEventSchema,
    summary: 'A tool call started, waits for a person, or was updated (I5).',
  },
  'tool.result': {
    data: toolEventSchema,
    emitted: toolFactSchema,
    baseline: baselineToolEventSchema,
    summary: 'A tool call ended (I5).',
  },
  'tool.registered': {
    data: registeredToolSchema,
    baseline: null,
    summary: 'A tool was registered.',
  },
  'tool.updated': {
    data: registeredToolSchema,
    baseline: null,
    summary: 'A registered tool was changed, activated again, or got another secret; the whole of it.',
  },
  'tool.deactivated': {
    data: registeredToolSchema,
    baseline: null,
    summary: 'A registered tool was deactivated: no call of it begins any more.',
  },
  'logs.created': {
    data: z.array(logEntrySchema),
    summary: 'Log entries of one tick.',
  },
  'turn.offered': {
    data: turnOfferedSchema,
    baseline: null,
    summary: 'A turn waits for an outside agent to claim it.',
  },
  'turn.claimed': {
    data: turnClaimedSchema,
    baseline: null,
    summary: 'An outside agent claimed a turn, and answers now.',
  },
  'turn.withdrawn': {
    data: turnWithdrawnSchema,
    baseline: null,
    summary: 'A turn that was offered ended before anybody claimed it.',
  },
  'key.created': {
    data: keyChangedSchema,
    baseline: null,
    summary: 'A key was made.',
  },
  'key.rotated': {
    data: keyChangedSchema,
    baseline: null,
    summary: 'A key got another secret.',
  },
  'key.revoked': {
    data: keyChangedSchema,
    baseline: null,
    summary: 'A key was revoked: it lets nobody in any more.',
  },
  'token.created': {
    data: tokenCreatedSchema,
    baseline: null,
    summary: 'A connection token was made.',
  },
  'session.handed-over': {
    data: sessionHandedOverSchema,
    baseline: null,
    summary: 'A session belongs to another principal from now on; its `session.updated` went before.',
  },
  'session.commanded': {
    data: sessionCommandedSchema,
    baseline: null,
    summary: 'Somebody but its owner gave a command to a session.',
  },
  'refusals.counted': {
    data: refusalsCountedSchema,
    baseline: null,
    summary: 'Requests of one kind from one address or principal were refused.',
  },
  'turn.queued': {
    data: turnQueuedSchema,
    summary: 'A message that wants an answer was accepted.',
  },
  'turn.started': {
    data: turnStartedSchema,
    summary: 'A turn left the queue.',
  },
  'turn.step.started': {
    data: turnStepStartedSchema,
    summary: 'A model call is about to be made.',
  },
  'turn.step.ended': {
    data: turnStepEndedSchema,
    summary: 'A model call ended and asks for tools.',
  },
  'turn.received': {
    data: turnReceivedSchema,
    summary: 'What an agent has pushed is stored up to a number.',
  },
  'turn.ended': {
    data: turnEndedSchema,
    summary: 'A turn reached its outcome (I11).',
  },
  'command.completed': {
    data: completedCommandSchema,
    summary: 'A command that its client named took effect (I10).',
  },
  'config.changed': {
    data: configChangedSchema,
    summary: 'Who changed what in the runtime config, for its history.',
  },
  'preferences.updated': {
    data: preferencesUpdatedSchema,
    summary: 'The layout of a user changed; the whole of it.',
  },
  'config-file.updated': {
    data: configFileUpdatedSchema,
    summary: 'The config file was saved by its editor, or read again: which settings have changed.',
  },
  'session.imported': {
    data: sessionImportedSchema,
    summary: 'The conversation with which a session begins.',
  },
  'file.stored': {
    data: storedFileSchema,
    summary: 'A file was stored; its bytes were durable before.',
  },
  'file.deleted': {
    data: deletedFileSchema,
    summary: 'A file was deleted, because no message referred to it.',
  },
  'message.checkpoint': {
    data: messageCheckpointSchema,
    summary: 'Text of an answer that is still streaming (I11).',
  },
} as const satisfies { readonly [Name in EventName]: Described };

type EventCatalogue = {
  readonly [Name in EventName]: (typeof eventTable)[Name] & (typeof described)[Name];
};

/** In the order of {@link eventTable}. */
export const eventCatalogue = Object.fromEntries(
  Object.entries(eventTable).map(([name, entry]) => [name, { ...entry, ...described[name as EventName] }]),
) as EventCatalogue;

export type EventData<Name extends EventName> = z.infer<(typeof eventCatalogue)[Name]['data']>;

type EmittedData<Name extends EventName> = (typeof eventCatalogue)[Name] extends {
  readonly emitted: infer Emitted extends z.ZodType;
}
  ? z.infer<Emitted>
  : EventData<Name>;

/** The schema of what actors emit under this name. */
export function emittedSchema(name: EventName): z.ZodType {
  const entry = eventCatalogue[name];
  return 'emitted' in entry ? entry.emitted : entry.data;
}

type EmittedName = Exclude<EventName, EventDelivered<'stream'>>;

/** What is stored with an event and never sent to clients. */
type Recorded<Name extends EmittedName> = Name extends 'tool.call' | 'tool.result'
  ? { /** The whole call, for the store and for previews. */ readonly record: ToolCallRecord }
  : Name extends
        | 'session.created'
        | 'session.updated'
        | 'file.stored'
        | 'trace.created'
        | 'trace.updated'
        | 'trace.span.appended'
    ? {
        /** Whose the session, the file or the trace of no session is; absent: nobody's, or whose it was. */ readonly record?: SessionOwner;
      }
    : Name extends `key.${'created' | 'rotated' | 'revoked'}`
      ? { readonly record: KeySecrets }
      : unknown;

/** An event emitted by an actor. `sessionId` is `null` for events that belong to no session (`config`, `logs`). */
export type DomainEvent = {
  [Name in EmittedName]: {
    readonly type: Name;
    readonly sessionId: SessionId | null;
    readonly data: EmittedData<Name>;
    /** When the event happened. */
    readonly at: Milliseconds;
    /** The command that directly caused the event, if any. */
    readonly commandId?: CommandId;
    /** A trace of a client: its events wait for each other, and not for those of its session. Not stored. */
    readonly lane?: TraceId;
  } & Recorded<Name>;
}[EmittedName];

export type DomainEventOf<Name extends EventName> = Extract<DomainEvent, { type: Name }>;

/** Events that the journal keeps; the others are lost with the process. */
export type JournaledEvent = DomainEventOf<EventDelivered<'durable' | 'journal' | 'checkpoint'>>;
export type VolatileEvent = DomainEventOf<EventDelivered<'volatile'>>;

export function isVolatile(event: DomainEvent): event is VolatileEvent {
  return eventTable[event.type].delivery === 'volatile';
}
