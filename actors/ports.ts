/**
 * Ports: everything outside that actors use, declared in one place. `src/` has the real implementations, tests have
 * fakes; each port with more than one implementation has a contract suite in `test/contract/`.
 */

import type { AcceptedFiles, Attachment } from '../schema/attachment.ts';
import type { SessionAccess, SessionOwner, TraceAccess, Visibility } from '../schema/authorization.ts';
import type { MessageFact } from '../schema/chat-message.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { StoredPlace } from '../schema/commands.ts';
import type { Continuation } from '../schema/continuation.ts';
import type { ConversationQuery, ConversationWindow } from '../schema/conversation-window.ts';
import type { EngineErrorCode } from '../schema/engine-error.ts';
import type { JournaledEvent, VolatileEvent } from '../schema/event-catalogue.ts';
import type { HistorySize } from '../schema/execution-tree.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../schema/ids.ts';
import type { ImportedConversation } from '../schema/imported-conversation.ts';
import type { JsonSchemaObject, JsonValue } from '../schema/json-value.ts';
import type { ModelOptions } from '../schema/model-options.ts';
import type { FinishReason, ModelUsage } from '../schema/model-usage.ts';
import type { Participant } from '../schema/participant.ts';
import type { StoredLayout } from '../schema/preferences.ts';
import type { CatalogProvider } from '../schema/provider-catalog.ts';
import type { Refusal } from '../schema/refusal.ts';
import type { RegisteredTool } from '../schema/registered-tool.ts';
import type { ConfigChange, RuntimeConfig } from '../schema/runtime-config.ts';
import type { FoundSession, SessionQuery } from '../schema/session-search.ts';
import type { HeldKey } from '../schema/stored-key.ts';
import type { TextPiece } from '../schema/text-piece.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { Day } from '../schema/token-spending.ts';
import type { ToolCallStatus } from '../schema/tool-event.ts';
import type { Trace } from '../schema/trace.ts';
import type { CompletedCommand, EndedStep, TurnStatus } from '../schema/turn-record.ts';
import type { Epoch } from '../schema/wire/cursor.ts';
import type { WireNamespace } from '../schema/wire-event-table.ts';
import type { MessageReads } from './message-reads.ts';
import type { ListedTurn, SessionWork, StoredRun, StoredSession, StoredToolCall } from './stored-rows.ts';
import type { TraceReads } from './trace-reads.ts';
import type { TranscriptReads } from './transcript-reads.ts';

/** Wall clock and timers. `now` may step back; machines never let a timestamp step back. */
export type Clock = {
  readonly now: () => Milliseconds;
  /** Calls `run` once after `delay`; returns a function that cancels it. */
  readonly after: (delay: Milliseconds, run: () => void) => () => void;
  /** Calls `run` once, after the work of the current tick. */
  readonly soon: (run: () => void) => void;
};

/** Makes a UUID of the brand that the caller needs. */
export type Ids = { readonly next: <Id extends string>() => Id };

export type LogLine = (message: string, context?: Readonly<Record<string, unknown>>) => void;
export type Log = {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
};

/** A domain event of delivery `durable`, `journal` or `checkpoint`, with what led to it if it was the first that did. */
export type JournalEntry = JournaledEvent & {
  /** JSON text (`actors/causes/stored-causes.ts`); the journal keeps it and does not read it. */
  readonly cause?: string;
};

/**
 * The journal: appends are atomic and ordered; once `append` has resolved, its events survive `kill -9` (I2, I10).
 * Calls do not overlap: the outbox is the only writer, and waits for each.
 */
export type Journal = {
  /**
   * Writes the events, and the read-model rows derived from them, in one transaction. Returns the `seq` of each
   * entry, increasing in the given order. Rejects with {@link JournalUnavailable} when the batch was not written, or
   * when it is not known whether it was. Trying again may help: the same entry objects, alone or with more behind
   * them, are written once (SPEC [JRN7]). Rejects with {@link JournalRejected} when the batch itself can never be
   * written.
   */
  readonly append: (batch: readonly JournalEntry[]) => Promise<readonly number[]>;
};

/** The database cannot be reached, is full, or refuses work for now. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
}

/** A batch broke a rule of the database: because of a bug, or because a newer writer has taken over the session. */
export class JournalRejected extends Error {
  override readonly name = 'JournalRejected';
}

/** An event as the journal holds it. */
export type CommittedEvent = { readonly seq: number; readonly event: JournaledEvent };

/** With what led to it, for those who replay; never for clients (SPEC [INS11]). */
export type CausedEvent = CommittedEvent & { readonly cause?: string };

/** Reads for resuming clients. All reject with {@link JournalUnavailable}. */
export type EventLog = {
  /** Identifies this store; a cursor of another epoch is meaningless here. */
  readonly epoch: Epoch;
  /**
   * `newest`: the greatest committed `seq`, 0 when there is none. `oldest`: the least `seq` that is kept, else
   * `newest` + 1.
   */
  readonly range: () => Promise<{ readonly oldest: number; readonly newest: number }>;
  /** Matching wire events (SPEC V1) whose `seq` is greater than `after`, `seq` ascending, at most `limit`. */
  readonly read: (query: {
    readonly after: number;
    readonly limit: number;
    readonly namespaces: readonly WireNamespace[];
    readonly sessionId?: SessionId | undefined;
  }) => Promise<readonly CommittedEvent[]>;
  /**
   * Every event of one session whose `seq` is greater than `after`, including those that are only journaled, `seq`
   * ascending, at most `limit`.
   */
  readonly ofSession: (query: {
    readonly sessionId: SessionId;
    readonly after: number;
    readonly limit: number;
  }) => Promise<readonly CausedEvent[]>;
};

/**
 * Removes old events, so that the journal does not grow without limit; the read model keeps its rows (SPEC [JRN20]).
 * Both functions do one small batch of work and resolve with whether more is left. All reject with {@link
 * JournalUnavailable}.
 *
 * `forget` only advances {@link EventLog.range}; the next `sweep` deletes the rows. Call `sweep` first and `forget`
 * afterwards: then whoever has read the range finds every event that it promised until the next round.
 */
export type Retention = {
  /** Deletes the rows of events that `forget` has taken out of the range. */
  readonly sweep: () => Promise<boolean>;
  /** Takes events that happened before `before` out of the range, oldest first, up to the first younger one. */
  readonly forget: (before: Milliseconds) => Promise<boolean>;
};

/** The `limit` newest rows before the row `before` in list order; if `before` is unknown, an empty page. */
export type Page<Id> = { readonly limit: number; readonly before?: Id | undefined };

/** The `limit` newest events whose `seq` is less than `before`; absent: of all. */
export type AuditPage = { readonly limit: number; readonly before?: number | undefined };

/**
 * Reads see every append that was resolved before they began. All reject with {@link JournalUnavailable}.
 *
 * `visibleTo` leaves out what a principal does not see, as if it did not exist; absent: nothing is left out.
 */
export type ReadModel = TraceReads &
  MessageReads & {
    /** `updatedAt` descending. */
    readonly sessions: (page: Page<SessionId>, visibleTo?: Visibility) => Promise<readonly ChatSession[]>;
    /** Sessions that a text or filters select (schema/session-search.ts), best first. */
    readonly findSessions: (query: SessionQuery) => Promise<readonly FoundSession[]>;
    readonly session: (id: SessionId) => Promise<ChatSession | undefined>;
    /**
     * Whose the session is, and who takes part in it. Of a deleted session only whose it was; `undefined`: there neither
     * is such a session nor is it known whose it was.
     */
    readonly sessionAccess: (id: SessionId) => Promise<SessionAccess | undefined>;
    /** How many sessions the owner has, counted up to `atMost`. */
    readonly storedSessions: (owner: SessionOwner, atMost: number) => Promise<number>;
    /** Bytes of the files and of the sessions that the owner has, as [LIM31] counts them. */
    readonly storedBytes: (owner: SessionOwner) => Promise<number>;
    /** Tokens of the turns that the principal had begin and that ended on this day. */
    readonly tokensSpent: (principal: SessionOwner, day: Day) => Promise<number>;
    /** In the order in which they were added. */
    readonly participants: (session: SessionId) => Promise<readonly Participant[]>;
    readonly storedSession: (id: SessionId) => Promise<StoredSession | undefined>;
    /**
     * The conversation up to the message, or all of it, as a copy begins with; what has not ended is left out.
     * `undefined`: there is no such session or message.
     */
    readonly copyOf: (
      session: SessionId,
      upTo: MessageId | 'all',
    ) => Promise<ImportedConversation | undefined>;
    /** Whether the session had a message with this id that was deleted. */
    readonly isDeletedMessage: (session: SessionId, id: MessageId) => Promise<boolean>;
    /** A conversation in pages, for transcripts. */
    readonly transcripts: TranscriptReads;
    /** Where the message stands in the tree of its session. */
    readonly place: (session: SessionId, id: MessageId) => Promise<StoredPlace | undefined>;
    /** The newest `limit` messages up to `promptId`, and their turns; `undefined`: there is no such message. */
    readonly conversation: (query: ConversationQuery) => Promise<ConversationWindow | undefined>;
    /** `createdAt` descending; those of one session, or all. */
    readonly traces: (
      page: Page<TraceId>,
      session?: SessionId,
      visibleTo?: Visibility,
    ) => Promise<readonly Trace[]>;
    readonly trace: (id: TraceId) => Promise<Trace | undefined>;
    /** Whose the trace is. */
    readonly traceAccess: (id: TraceId) => Promise<TraceAccess | undefined>;
    /** In the order in which the model requested them. */
    readonly toolCalls: (turn: TurnId) => Promise<readonly StoredToolCall[]>;
    /** The newest `limit` turns that have a trace, oldest first. */
    readonly sessionRuns: (
      session: SessionId,
      page: { readonly limit: number },
    ) => Promise<readonly StoredRun[]>;
    readonly toolCall: (id: ToolCallId) => Promise<StoredToolCall | undefined>;
    /** The newest `limit` calls of all turns, oldest first. */
    readonly sessionToolCalls: (
      session: SessionId,
      page: Page<ToolCallId>,
    ) => Promise<readonly StoredToolCall[]>;
    /** How long the current branch is, up to its newest `listRowsMax` messages; nothing if there is no such session. */
    readonly historySize: (session: SessionId) => Promise<HistorySize>;
    /** The newest `limit` calls of all sessions with this status, oldest first. */
    readonly toolCallsWith: (
      status: ToolCallStatus,
      page: Page<ToolCallId>,
      visibleTo?: Visibility,
    ) => Promise<readonly StoredToolCall[]>;
    /** What was done in each of these sessions. */
    readonly sessionWork: (ids: readonly SessionId[]) => Promise<ReadonlyMap<SessionId, SessionWork>>;
    /** Model calls of the turn that requested tools, in order. */
    readonly turnSteps: (turn: TurnId) => Promise<readonly EndedStep[]>;
    readonly turn: (id: TurnId) => Promise<ListedTurn | undefined>;
    /** The newest `limit` turns of all sessions with this status, newest first. */
    readonly turnsWith: (
      status: TurnStatus,
      page: Page<TurnId>,
      visibleTo?: Visibility,
    ) => Promise<readonly ListedTurn[]>;
    /** Sessions that have queued or running turns, oldest turn first, and those in which only messages wait. */
    readonly sessionsWithOpenTurns: () => Promise<readonly SessionId[]>;
    readonly runtimeConfig: () => Promise<RuntimeConfig | undefined>;
    /** In the order of their names, deactivated ones included. */
    readonly registeredTools: () => Promise<readonly RegisteredTool[]>;
    /** All keys, in the order in which they were made. */
    readonly storedKeys: () => Promise<readonly HeldKey[]>;
    /** Events of the audit, newest first; as long as the journal keeps them. */
    readonly audit: (page: AuditPage) => Promise<readonly CommittedEvent[]>;
    /** What was changed in the runtime config, newest first; the newest `configHistoryMax` changes are kept. */
    readonly configHistory: (page: Page<CommandId>) => Promise<readonly ConfigChange[]>;
    /** The stored answer of a named command (I10); kept for `commandRetentionMs`. */
    readonly completedCommand: (key: string) => Promise<CompletedCommand | undefined>;
    /** Of an owner who has put none: an empty one, as old as the store. */
    readonly layout: (owner: string) => Promise<StoredLayout>;
  };

/** Publishes committed events and streamed text. Must not throw. */
export type Publisher = {
  /** A durable event, after its commit, in `seq` order within its session. */
  readonly durable: (event: JournaledEvent, seq: number) => void;
  /** An event that is never written. */
  readonly volatile: (event: VolatileEvent) => void;
  readonly stream: (event: TextPiece) => void;
  /** Whether anybody would get an event of the session now, so that it is worth making; absent: somebody may. */
  readonly isHeard?: (namespace: WireNamespace, session: SessionId) => boolean;
};

/** The result of a tool call of this turn. */
export type EngineToolResult = ModelToolCall & {
  /** Cut to `toolResultModelUnitsMax`, with a note about the cut. */
  readonly result: string;
  readonly failed: boolean;
};

/** The description of a tool for a model. */
export type ToolDefinition = {
  readonly name: string;
  readonly description: string;
  /** The schema of its arguments, which are an object. */
  readonly inputSchema: JsonSchemaObject;
};

/** A call as the model asks for it. */
export type ModelToolCall = {
  /** The id that the model gave it; it may be empty, and need not be unique. */
  readonly modelCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
};

/** A call of an earlier step as the model is told of it: with our id; name and arguments may be any text. */
export type ToldToolCall = Omit<ModelToolCall, 'modelCallId'> & { readonly callId: ToolCallId };

/** What a model is given, in its order. Calls and results are always complete: each call has its one result. */
export type ModelMessage =
  | { readonly role: 'system'; readonly content: string }
  | {
      readonly role: 'user';
      /** May be blank when there are attachments. */
      readonly content: string;
      /** In the order of their places. Their bytes are read by the engine that sends them. */
      readonly attachments?: readonly Attachment[] | undefined;
    }
  | {
      readonly role: 'assistant';
      /** May be empty when there are calls. */
      readonly content: string;
      readonly toolCalls: readonly ToldToolCall[];
      /** What an engine gave with that step; not always the one that is asked now. */
      readonly continuation?: Continuation | undefined;
    }
  | {
      readonly role: 'tool';
      readonly callId: ToolCallId;
      readonly name: string;
      /** The result, or the reason why there is none. */
      readonly content: string;
      readonly failed: boolean;
      /** What the tool returned beside its result; their places are all behind it. */
      readonly attachments?: readonly Attachment[] | undefined;
    };

/** One model call. */
export type EngineRequest = {
  readonly sessionId: SessionId;
  /** Counts from 1 within the turn. A retried call keeps its step. */
  readonly step: number;
  /** Counts from 1 within the step. */
  readonly attempt: number;
  /** The message to answer; the last user message of `conversation`. */
  readonly prompt: MessageFact;
  /** The model and its settings: the message's options override the session's, which override the server's. */
  readonly options: ModelOptions;
  /**
   * Everything that the model is given, bounded by tokens (docs/tools.md): the system prompt, if there is one, the
   * earlier messages, the prompt, then the steps of this turn.
   */
  readonly conversation: readonly ModelMessage[];
  /** The results in `conversation` that belong to this turn, in call order. */
  readonly toolResults: readonly EngineToolResult[];
  /** The tools that the model may call now. */
  readonly tools: readonly ToolDefinition[];
};

/** Parts of a model's answer. A stream ends with one `finish` or `error`; parts after it are ignored. */
export type EnginePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | ({
      readonly type: 'tool-call';
      /** What the engine wants back with this call, such as its signature. */
      readonly continuation?: JsonValue;
    } & ModelToolCall)
  | {
      readonly type: 'finish';
      readonly reason?: FinishReason;
      readonly usage?: ModelUsage;
      /** The model that answered, as the provider names it. */
      readonly model?: string;
      /** `<provider>/<model>`: nobody else is given what this call wants back. Needed with any `continuation`. */
      readonly origin?: string;
      /** What the engine wants back with this step, such as signed reasoning; kept up to `continuationUnitsMax`. */
      readonly continuation?: JsonValue;
    }
  | {
      readonly type: 'error';
      /** The provider's message; without secrets. */
      readonly message: string;
      /** Default `unknown`; decides whether the call is retried, which only happens before the first part. */
      readonly code?: EngineErrorCode;
      /** How long the provider asks to wait; honoured up to `modelRetryAfterMsMax`. */
      readonly retryAfterMs?: Milliseconds;
    };

/** A part, or those that arrived together: whoever hears them handles them in one go. */
export type EngineSaid = EnginePart | readonly EnginePart[];

/** Makes model calls. `stream` stops soon after `signal` aborts; throwing counts as an `error` part. */
export type Engine = {
  /** Sent as `agentId`. */
  readonly name: string;
  /** Calls `alive` whenever anything arrives from the model, whether a part comes of it or not. */
  readonly stream: (
    request: EngineRequest,
    signal: AbortSignal,
    alive?: () => void,
  ) => AsyncIterable<EngineSaid>;
  /** Why a client may not choose these options: the provider is not configured, say; `null` or no function: it may. */
  readonly refusal?: (options: ModelOptions) => Refusal | null;
  /**
   * The files that the model of these options takes, beside texts, which all take; no function: none. A request has no
   * attachment that is not among them.
   */
  readonly accepts?: (options: ModelOptions) => AcceptedFiles;
};

/** Estimates how many tokens a text has. It need not be exact: it bounds what the model is given. */
export type TokenEstimate = (text: string) => number;

/** Returns a number from 0 up to but not including 1. */
export type Random = () => number;

/** The content of `GET /providers/catalog`. No secrets. */
export type ProviderCatalog = { readonly list: () => readonly CatalogProvider[] };
