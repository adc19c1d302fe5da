/**
 * Table types for Kysely, one shape for SQLite and PostgreSQL (design §5). Times are milliseconds since the Unix
 * epoch, JSON is text. `position` gives rows of one table a total order of creation.
 */
import type { Generated } from 'kysely';
import type { AgentState } from '../agent-activity.ts';
import type { MessageRole } from '../chat-message.ts';
import type { ChatSession } from '../chat-session.ts';
import type { EventName, Namespace } from '../event-catalogue.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../ids.ts';
import type { Milliseconds } from '../timestamp.ts';
import type { TraceStatus } from '../trace.ts';
import type { TurnStatus } from '../turn-record.ts';

export type EventsTable = {
  /** Increases along the journal in commit order; gaps are legal (a rolled-back batch). */
  seq: Generated<number>;
  session_id: SessionId | null;
  namespace: Namespace;
  event: EventName;
  data: string;
  at: Milliseconds;
  command_id: CommandId | null;
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
  queued_at: Milliseconds;
  ended_at: Milliseconds | null;
};

export type ToolCallsTable = {
  id: ToolCallId;
  session_id: SessionId;
  turn_id: TurnId;
  model_call_id: string;
  name: string;
  status: 'running' | 'completed' | 'failed';
  /** JSON text as the model wrote it. */
  arguments: string;
  result: string | null;
  agent_id: string | null;
  started_at: Milliseconds;
  ended_at: Milliseconds | null;
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

export type Tables = {
  events: EventsTable;
  sessions: SessionsTable;
  messages: MessagesTable;
  turns: TurnsTable;
  tool_calls: ToolCallsTable;
  traces: TracesTable;
  runtime_config: RuntimeConfigTable;
};
