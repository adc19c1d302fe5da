/**
 * Table types for Kysely, one shape for SQLite and PostgreSQL (docs/architecture.md#storage). Times are milliseconds
 * since the Unix epoch, JSON is text. `position` gives rows of one table a total order of creation.
 */
import type { Generated } from 'kysely';
import type { AgentState } from '../agent-activity.ts';
import type { MessageRole } from '../chat-message.ts';
import type { ChatSession } from '../chat-session.ts';
import type { EventName, Namespace } from '../event-table.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../ids.ts';
import type { Milliseconds } from '../timestamp.ts';
import type { ToolCallStatus } from '../tool-event.ts';
import type { TraceStatus } from '../trace.ts';
import type { TurnStatus } from '../turn-record.ts';
import type { Epoch } from '../wire/cursor.ts';

export type EventsTable = {
  /** Increases along the journal in commit order; gaps are legal (a rolled-back batch). */
  seq: Generated<number>;
  session_id: SessionId | null;
  namespace: Namespace;
  event: EventName;
  data: string;
  /** The whole tool call of `tool.call` and `tool.result`, for replay; never sent. */
  record: string | null;
  at: Milliseconds;
  command_id: CommandId | null;
};

/** One row, `id` = 1. */
export type JournalMetaTable = {
  id: number;
  /** Names the store; made with it (SPEC [JRN17]). */
  epoch: Epoch;
  /** Events up to this `seq` are forgotten: no cursor before it can be resumed, and their rows go (SPEC [JRN20]). */
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
  /** JSON text of its model options; null: none. */
  options: string | null;
  /** Counts the batches that touched the session; a writer with a stale version is fenced off. */
  version: number;
};

export type MessagesTable = {
  position: Generated<number>;
  id: MessageId;
  session_id: SessionId;
  role: MessageRole;
  content: string;
  tool_call_id: string | null;
  name: string | null;
  created_at: Milliseconds;
};

/**
 * Checkpointed text of messages that are still streaming. What a message says is its `content` with its pieces
 * applied in the order of `position`, each replacing everything from its offset on: so a checkpoint costs its own
 * length, not that of the whole answer, and writing it twice changes nothing. Gone when the message is written whole.
 */
export type MessagePiecesTable = {
  position: Generated<number>;
  session_id: SessionId;
  message_id: MessageId;
  /** Where `text` begins, UTF-16 units of the content. */
  offset_units: number;
  text: string;
};

export type TurnsTable = {
  position: Generated<number>;
  id: TurnId;
  session_id: SessionId;
  prompt_id: MessageId;
  answer_id: MessageId;
  failure_id: MessageId;
  trace_id: TraceId;
  status: TurnStatus;
  /** Model calls started; 0 while the turn has not begun its first. */
  step: number;
  reason: string | null;
  /** JSON text of the model options it was queued with; null: none. */
  options: string | null;
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
  /** The model call that asked for it. */
  step: number;
  /** 1: a person must decide before it runs. */
  needs_approval: number;
  /** When it fails for want of a decision; null: never. */
  approval_deadline: Milliseconds | null;
  /** JSON text of what a person decided; null: nothing yet. */
  approval: string | null;
  /** JSON text as the model wrote it. */
  arguments: string;
  result: string | null;
  agent_id: string | null;
  started_at: Milliseconds;
  ended_at: Milliseconds | null;
};

/** What model calls that asked for tools left behind, so that a turn that waits for a person can go on. */
export type TurnStepsTable = {
  session_id: SessionId;
  turn_id: TurnId;
  step: number;
  /** JSON text of an `EndedStep`. */
  data: string;
};

export type PreferencesTable = {
  /** Names an API key without telling it. */
  owner: string;
  /** JSON text. */
  layout: string;
  updated_at: Milliseconds;
};

export type TracesTable = {
  position: Generated<number>;
  id: TraceId;
  session_id: SessionId | null;
  name: string;
  status: TraceStatus;
  duration_ms: number | null;
  metadata: string | null;
  created_at: Milliseconds;
  updated_at: Milliseconds;
};

/** One row, `id` = 1. */
export type RuntimeConfigTable = { id: number; data: string; updated_at: Milliseconds };

/** Answers of commands that their clients named, so that a repeated one has no second effect (I10). */
export type CommandsTable = {
  key: string;
  /** Tells a repetition from another command under the same key. */
  fingerprint: string;
  /** JSON text. */
  result: string;
  at: Milliseconds;
};

/**
 * Which batches a writer has committed, so that one whose answer was lost is never written twice. Only PostgreSQL
 * can lose an answer; on SQLite the table stays empty. Old rows are pruned.
 */
export type JournalBatchesTable = {
  /** A UUID that the writer made when it started. */
  writer: string;
  /** Counts from 1 within the writer. */
  batch: number;
  /** Events in the batch; 0: the writer gave the batch up, and nobody can commit it any more. */
  events: number;
  /** The last `seq` before the batch: its events are the next ones. */
  after_seq: number;
  /** When it was sent. */
  at: Milliseconds;
};

export type Tables = {
  events: EventsTable;
  journal_meta: JournalMetaTable;
  sessions: SessionsTable;
  messages: MessagesTable;
  message_pieces: MessagePiecesTable;
  turns: TurnsTable;
  tool_calls: ToolCallsTable;
  turn_steps: TurnStepsTable;
  traces: TracesTable;
  runtime_config: RuntimeConfigTable;
  commands: CommandsTable;
  preferences: PreferencesTable;
  journal_batches: JournalBatchesTable;
};
