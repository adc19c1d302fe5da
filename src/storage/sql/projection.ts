/** The rows to write for a batch of journal entries, at most one per key and kind. */
import type { Insertable } from 'kysely';
import type { AgentState } from '../../../schema/agent-activity.ts';
import type {
  CommandId,
  FileId,
  KeyId,
  MessageId,
  SessionId,
  ToolCallId,
  TraceId,
  TurnId,
} from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { TurnStatus } from '../../../schema/turn-record.ts';

/** A row with every column named, except `position`, which the database assigns. */
export type Row<Table extends keyof Tables> = Omit<Required<Insertable<Tables[Table]>>, 'position' | 'seq'>;

/** Changes to an existing session; `null` keeps the columns. `session` is all or nothing. */
export type SessionChange = {
  readonly session: Pick<
    Row<'sessions'>,
    'title' | 'description' | 'status' | 'options' | 'auto_title' | 'closed_at' | 'forked_from' | 'updated_at'
  > | null;
  readonly activity: AgentState | null;
  readonly leaf: { readonly id: MessageId | null } | null;
  /** What is added to its `stored_bytes`. */
  readonly bytes: number;
};

/** All of a session but whose it is, which is read from `session_owners` when the row is written. */
export type CreatedSession = Omit<Row<'sessions'>, 'owner' | 'tenant'>;

/** All of a key but its last use, which is not journaled. */
export type KeyRow = Omit<Row<'api_keys'>, 'last_used_at'>;

export type MessageKey = { readonly session_id: SessionId; readonly message_id: MessageId };

/** Ids of messages are unique within their session only. */
export function messageKey({ session_id, message_id }: MessageKey): string {
  return `${session_id} ${message_id}`;
}

/** Search terms, separated by spaces; empty: none. */
export type MessageTerms = { readonly id: MessageId; readonly session_id: SessionId; readonly terms: string };

/** Changes to an existing turn; an absent column is kept. */
export type TurnChange = {
  readonly status?: TurnStatus;
  readonly step?: number;
  readonly reason?: string;
  readonly ended_at?: Milliseconds;
  readonly received?: number;
  readonly pushed?: string;
};

/**
 * Written in this order: deletions of sessions first, sessions before the rows that belong to them, deletions of
 * messages last. A map keeps the order in which its rows were first mentioned, which becomes their `position`.
 */
export type Projection = {
  readonly deletedSessions: Set<SessionId>;
  readonly createdSessions: Map<SessionId, CreatedSession>;
  readonly changedSessions: Map<SessionId, SessionChange>;
  /** By session and participant; those removed go first. */
  readonly removedParticipants: Map<string, Pick<Row<'participants'>, 'session_id' | 'participant_id'>>;
  readonly participants: Map<string, Row<'participants'>>;
  /** They stay when their session is deleted. */
  readonly sessionOwners: Map<SessionId, Row<'session_owners'>>;
  /** What is added to what the store has. By payer and day. */
  readonly tokenSpending: Map<string, Row<'token_spending'>>;
  /** Whole messages by {@link messageKey}; they replace their stored pieces. */
  readonly messages: Map<string, Row<'messages'>>;
  /** What those messages are found by: their text as their own event gave it, without what checkpoints added. */
  readonly messageTerms: Map<string, MessageTerms>;
  /** Pieces of messages that are not in `messages`, by {@link messageKey}. */
  readonly pieces: Map<string, Row<'message_pieces'>[]>;
  readonly toolCalls: Map<ToolCallId, Row<'tool_calls'>>;
  /** By turn and step. */
  readonly turnSteps: Map<string, Row<'turn_steps'>>;
  readonly queuedTurns: Map<TurnId, Row<'turns'>>;
  readonly changedTurns: Map<TurnId, TurnChange>;
  readonly traces: Map<TraceId, Row<'traces'>>;
  /** By trace and span. */
  readonly traceSpans: Map<string, Row<'trace_spans'>>;
  /** They go, with their spans, before the traces of this projection are written. */
  readonly purgedTraces: Set<TraceId>;
  runtimeConfig: Row<'runtime_config'> | null;
  readonly registeredTools: Map<string, Row<'registered_tools'>>;
  readonly apiKeys: Map<KeyId, KeyRow>;
  /** Keys that made room for others. */
  readonly forgottenKeys: Set<KeyId>;
  authentication: Row<'authentication'> | null;
  readonly configChanges: Map<CommandId, Row<'config_changes'>>;
  readonly commands: Map<string, Row<'commands'>>;
  readonly preferences: Map<string, Row<'preferences'>>;
  /** Messages whose references of earlier batches go, before `fileReferences` are written. */
  readonly changedReferences: Map<string, MessageKey>;
  /** By file and {@link messageKey}. */
  readonly fileReferences: Map<string, Row<'file_references'>>;
  readonly files: Map<FileId, Row<'files'>>;
  readonly deletedFiles: Set<FileId>;
  /** They go with all messages below them, as they are when everything else here is written. */
  readonly deletedMessages: Map<string, MessageKey>;
};

export function emptyProjection(): Projection {
  return {
    deletedSessions: new Set(),
    createdSessions: new Map(),
    changedSessions: new Map(),
    removedParticipants: new Map(),
    participants: new Map(),
    sessionOwners: new Map(),
    tokenSpending: new Map(),
    messages: new Map(),
    messageTerms: new Map(),
    pieces: new Map(),
    toolCalls: new Map(),
    turnSteps: new Map(),
    queuedTurns: new Map(),
    changedTurns: new Map(),
    traces: new Map(),
    traceSpans: new Map(),
    purgedTraces: new Set(),
    runtimeConfig: null,
    registeredTools: new Map(),
    apiKeys: new Map(),
    forgottenKeys: new Set(),
    authentication: null,
    configChanges: new Map(),
    commands: new Map(),
    preferences: new Map(),
    changedReferences: new Map(),
    fileReferences: new Map(),
    files: new Map(),
    deletedFiles: new Set(),
    deletedMessages: new Map(),
  };
}
