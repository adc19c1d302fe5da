/**
 * Table types for Kysely, one shape for SQLite and PostgreSQL (docs/architecture.md#storage). Times are milliseconds
 * since the Unix epoch, JSON is text. `position` gives rows of one table a total order of creation.
 */

import type { Generated } from 'kysely';
import type { AgentState } from '../agent-activity.ts';
import type { MessageRole, MessageStatus } from '../chat-message.ts';
import type { ChatSession } from '../chat-session.ts';
import type { EventName, Namespace } from '../event-table.ts';
import type { CommandId, FileId, MessageId, SessionId, SpanId, ToolCallId, TraceId, TurnId } from '../ids.ts';
import type { FinishReason } from '../model-usage.ts';
import type { ParticipantId, ParticipantRole } from '../participant.ts';
import type { PrincipalId } from '../principal.ts';
import type { ConfigChange } from '../runtime-config.ts';
import type { Milliseconds } from '../timestamp.ts';
import type { Day } from '../token-spending.ts';
import type { ToolCallStatus } from '../tool-event.ts';
import type { Trace, TraceStatus } from '../trace.ts';
import type { TraceSpan } from '../trace-span.ts';
import type { TurnStatus } from '../turn-record.ts';
import type { Epoch } from '../wire/cursor.ts';
import type { ApiKeysTable, AuthenticationTable } from './key-tables.ts';

export type EventsTable = {
  /** Increases along the journal in commit order; gaps are legal (a rolled-back batch). */
  seq: Generated<number>;
  session_id: SessionId | null;
  namespace: Namespace;
  event: EventName;
  data: string;
  /** The whole tool call of `tool.call` and `tool.result`, whose the session of `session.created` is, a key's digests; never sent to clients. */
  record: string | null;
  at: Milliseconds;
  command_id: CommandId | null;
  /** JSON text: what led to this event and those behind it up to the next that has some; only for replays. */
  cause: string | null;
};

/** One row, `id` = 1. */
export type JournalMetaTable = {
  id: number;
  /** Identifies the store; made with it (SPEC [JRN17]). */
  epoch: Epoch;
  /**
   * Events up to this `seq` have left the range: no client can resume from before it, and their rows are deleted
   * later (SPEC [JRN20]).
   */
  forgotten_seq: number;
};

export type SessionsTable = {
  position: Generated<number>;
  id: SessionId;
  title: string;
  description: string | null;
  status: ChatSession['status'];
  created_at: Milliseconds;
  updated_at: Milliseconds;
  /** State of the session's agent, from its last `agent.activity`. */
  activity: AgentState;
  /** Its model options as JSON text; null: none. */
  options: string | null;
  /** The last message of the current branch; null: there is none. */
  leaf_id: MessageId | null;
  /** 1: a model is to name it after its first answer. */
  auto_title: number;
  /** Since when it is closed; null: it takes messages. */
  closed_at: Milliseconds | null;
  /** JSON text of its `forkedFrom`; null: it is no copy. */
  forked_from: string | null;
  /** What it counts for the bytes of its owner (SPEC [LIM31]). */
  stored_bytes: number;
  /** As in `session_owners`, which is written first; lists are read along indexes that begin with both ([OWN5]). */
  owner: PrincipalId | null;
  /** Empty: none. */
  tenant: string;
  /** Counts the batches that changed the session; a writer with an outdated version is refused. */
  version: number;
};

/** Who takes part in which session, by session and participant. */
export type ParticipantsTable = {
  position: Generated<number>;
  session_id: SessionId;
  participant_id: ParticipantId;
  /** How the participant is shown; null: by the id. */
  name: string | null;
  role: ParticipantRole;
  created_at: Milliseconds;
  updated_at: Milliseconds;
};

/** Whose each session is; a session without a row is nobody's. A row stays when its session is deleted. */
export type SessionOwnersTable = {
  session_id: SessionId;
  /** Null: it belongs to whoever may see every session of the tenant. */
  owner: PrincipalId | null;
  tenant: string | null;
};

/** What each principal has spent on each day of UTC; the newest `tokenDaysKept` days are kept. */
export type TokenSpendingTable = {
  day: Day;
  owner: PrincipalId;
  /** Empty: the tenant of those who have none. */
  tenant: string;
  tokens: number;
};

export type MessagesTable = {
  position: Generated<number>;
  /** Unique within its session: clients make ids, too. */
  id: MessageId;
  session_id: SessionId;
  role: MessageRole;
  content: string;
  tool_call_id: string | null;
  name: string | null;
  /** JSON text of a `MessageAuthor`; null: not known, or a model of the server said it. */
  author: string | null;
  /** The message before it in the tree; null: it begins a conversation, or waits. */
  parent_id: MessageId | null;
  /** Its place among the messages that wait for their turn, the least is next; null: it does not wait. */
  queue_rank: number | null;
  /** 1: it was changed while it waited. */
  edited: number;
  /** The message that it answers; null: it is no answer. */
  prompt_id: MessageId | null;
  status: MessageStatus;
  /** JSON text of its marks (schema/message-part.ts); null: it is one text. */
  marks: string | null;
  /** Why the last model call of an answer ended; null: it did not, or it is no answer. */
  finish_reason: FinishReason | null;
  /** The model that answered, as its provider names it; null: not known. */
  model: string | null;
  /** Tokens of the answer as JSON text; null: none were reported. */
  usage: string | null;
  created_at: Milliseconds;
};

/**
 * Checkpointed text of messages that are still streaming. A message's content is its `content` with its pieces
 * applied in the order of `position`, each replacing everything from its offset on: so a checkpoint costs its own
 * length, not that of the whole answer, and writing it twice changes nothing. Deleted when the message is written
 * whole.
 */
export type MessagePiecesTable = {
  position: Generated<number>;
  session_id: SessionId;
  message_id: MessageId;
  /** Where `text` begins, UTF-16 units of the content. */
  offset_units: number;
  text: string;
  /** JSON text of the marks that came since the piece before; null: none. */
  marks: string | null;
};

/** Messages that the transaction that is under way deletes; empty outside of it. */
export type MessagesToDeleteTable = { session_id: SessionId; id: MessageId };

export type TurnsTable = {
  position: Generated<number>;
  id: TurnId;
  session_id: SessionId;
  prompt_id: MessageId;
  answer_id: MessageId;
  trace_id: TraceId;
  status: TurnStatus;
  /** How many model calls were started; 0 before the first. */
  step: number;
  reason: string | null;
  /** The model options with which the turn was queued, as JSON text; null: none. */
  options: string | null;
  /** The scopes of whoever sent its question, as JSON text; null: every one. */
  scopes: string | null;
  /** Its place among what waits; the least is next. */
  rank: number;
  /** Where its text begins in an answer that it goes on with, UTF-16 units; null: the answer is its own. */
  continues_at: number | null;
  /** 1: the turn that runs before it ends before its next model call. */
  steers: number;
  /** JSON text of a `PushedTurn`: an agent pushes it from outside; null: the server's engine gives it. */
  pushed: string | null;
  /** All parts up to this one are stored, if an agent pushes it; null: none is. */
  received: number | null;
  /** JSON text of a `SessionOwner`: who pays for its tokens; null: nobody. */
  charged_to: string | null;
  queued_at: Milliseconds;
  ended_at: Milliseconds | null;
};

export type ToolCallsTable = {
  position: Generated<number>;
  id: ToolCallId;
  session_id: SessionId;
  turn_id: TurnId;
  model_call_id: string;
  name: string;
  status: ToolCallStatus;
  /** The model call that requested it. */
  step: number;
  /** 1: a person must approve it before it runs. */
  needs_approval: number;
  /** When the call fails if nobody has decided; null: never. */
  approval_deadline: Milliseconds | null;
  /** A person's decision as JSON text; null: none yet. */
  approval: string | null;
  /** JSON text as the model wrote it. */
  arguments: string;
  result: string | null;
  /** JSON text of the files that the tool returned beside its result; null: none. */
  files: string | null;
  agent_id: string | null;
  started_at: Milliseconds;
  ended_at: Milliseconds | null;
};

/** Data of model calls that requested tools, so that a turn that waits for a person can continue after a restart. */
export type TurnStepsTable = {
  session_id: SessionId;
  turn_id: TurnId;
  step: number;
  /** JSON text of an `EndedStep`. */
  data: string;
};

/** What the server made for itself and tells nobody; never part of an export. */
export type ServerSecretsTable = { name: string; value: string };

export type PreferencesTable = {
  /** A name derived from an API key that does not reveal it. */
  owner: string;
  /** JSON text. */
  layout: string;
  updated_at: Milliseconds;
};

/** Files whose bytes are in the file store (`actors/file-store.ts`). */
export type FilesTable = {
  position: Generated<number>;
  id: FileId;
  name: string;
  type: string;
  bytes: number;
  sha256: string;
  created_at: Milliseconds;
  /** Who stored it; null: nobody knows, it belongs to whoever has `sessions:all`. */
  owner: PrincipalId | null;
  tenant: string | null;
};

/** Which messages refer to which files: a file without a row here is deleted after a while (SPEC [FIL20]). */
export type FileReferencesTable = {
  file_id: FileId;
  message_id: MessageId;
  session_id: SessionId;
};

export type TracesTable = {
  position: Generated<number>;
  id: TraceId;
  session_id: SessionId | null;
  name: string;
  status: TraceStatus;
  duration_ms: number | null;
  metadata: string | null;
  /** `client`: clients made it, and append to it; null: a run of the server. */
  origin: NonNullable<Trace['origin']> | null;
  /** Whose a trace of a client is when it has no session, or outlives it; null: nobody's. */
  owner: PrincipalId | null;
  tenant: string | null;
  created_at: Milliseconds;
  updated_at: Milliseconds;
};

/** Each in the order in which it was appended. */
export type TraceSpansTable = {
  position: Generated<number>;
  trace_id: TraceId;
  /** Unique within its trace. */
  id: SpanId;
  parent_id: SpanId | null;
  name: string;
  status: TraceSpan['status'];
  started_at: Milliseconds;
  ended_at: Milliseconds;
  /** JSON text. */
  attributes: string;
};

/** One row, `id` = 1. */
export type RuntimeConfigTable = { id: number; data: string; updated_at: Milliseconds };

/** What was changed in the runtime config: its history, of which the newest rows are kept. */
export type ConfigChangesTable = {
  position: Generated<number>;
  /** The command that changed it. */
  id: CommandId;
  /** Who gave it: the name of the owner of an API key. */
  changed_by: string;
  kind: ConfigChange['kind'];
  /** JSON text. */
  changes: string;
  at: Milliseconds;
};

/** Results of commands that their clients named, so that a repetition has no second effect (I10). */
export type CommandsTable = {
  key: string;
  /** Tells a repetition from another command under the same key. */
  fingerprint: string;
  /** JSON text. */
  result: string;
  at: Milliseconds;
};

/**
 * The batches that a writer has committed, so that a batch whose answer was lost is never written twice. Only on
 * PostgreSQL can an answer be lost; on SQLite the table stays empty. Old rows are pruned.
 */
export type JournalBatchesTable = {
  /** A UUID that the writer made when it started. */
  writer: string;
  /** Counts from 1 within the writer. */
  batch: number;
  /** Events in the batch; 0: the writer gave the batch up, and nobody can commit it any more. */
  events: number;
  /** The last `seq` before the batch: the batch's events are the next ones. */
  after_seq: number;
  /** When it was sent. */
  at: Milliseconds;
};

/** Ids of deleted messages of sessions that exist: a client that repeats its command must not bring one back (I10). */
export type DeletedMessagesTable = { id: MessageId; session_id: SessionId };

/** Old rows that are not searchable yet, in a store from before the search; empty when all are (SPEC [SRC9]). */
export type SearchBackfillTable = {
  kind: 'messages' | 'sessions';
  /** Rows whose position is less are to be done, from the newest back. */
  below: number;
};

/**
 * Search terms of messages and of session titles, by the `position` of their row. On SQLite these are tables of FTS5
 * that keep no text, only the index; on PostgreSQL `terms` is a `tsvector` without positions.
 */
export type TermsTable = { rowid: number; terms: string };

/** Tools that operators registered. `data` is the JSON of a `RegisteredTool`, which has no secret. */
export type RegisteredToolsTable = { name: string; data: string };

/** One row, made with the store: 32 random bytes in base64, of which the secrets of all registered tools are made. */
export type ToolSecretKeysTable = { id: number; key: string };

export type Tables = {
  events: EventsTable;
  journal_meta: JournalMetaTable;
  sessions: SessionsTable;
  participants: ParticipantsTable;
  session_owners: SessionOwnersTable;
  token_spending: TokenSpendingTable;
  messages: MessagesTable;
  message_pieces: MessagePiecesTable;
  messages_to_delete: MessagesToDeleteTable;
  turns: TurnsTable;
  tool_calls: ToolCallsTable;
  turn_steps: TurnStepsTable;
  traces: TracesTable;
  trace_spans: TraceSpansTable;
  runtime_config: RuntimeConfigTable;
  config_changes: ConfigChangesTable;
  commands: CommandsTable;
  preferences: PreferencesTable;
  files: FilesTable;
  file_references: FileReferencesTable;
  journal_batches: JournalBatchesTable;
  message_terms: TermsTable;
  title_terms: TermsTable;
  search_backfill: SearchBackfillTable;
  deleted_messages: DeletedMessagesTable;
  server_secrets: ServerSecretsTable;
  registered_tools: RegisteredToolsTable;
  tool_secret_keys: ToolSecretKeysTable;
  api_keys: ApiKeysTable;
  authentication: AuthenticationTable;
};
