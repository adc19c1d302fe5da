/** Turns rows of the read model into values, with keys in the order of docs/protocol.md A2. */
import type { Selectable } from 'kysely';
import type { StoredToolCall, StoredTurn } from '../../../actors/stored-rows.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { MessageId } from '../../../schema/ids.ts';
import type { RegisteredTool } from '../../../schema/registered-tool.ts';
import type { RuntimeConfig } from '../../../schema/runtime-config.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import type { Trace, TraceMetadata } from '../../../schema/trace.ts';
import type { TraceSpan } from '../../../schema/trace-span.ts';
import { type MarkedText, marksOf, withCheckpoint } from './checkpointed-text.ts';

type Stored<Table extends keyof Tables> = Selectable<Tables[Table]>;

export function sessionOf(row: Stored<'sessions'>): ChatSession {
  return {
    id: row.id,
    title: row.title,
    ...(row.description === null ? {} : { description: row.description }),
    status: row.status,
    createdAt: isoTimestamp(row.created_at),
    updatedAt: isoTimestamp(row.updated_at),
    ...(row.options === null ? {} : { options: JSON.parse(row.options) }),
    ...(row.leaf_id === null ? {} : { leafId: row.leaf_id }),
    ...(row.auto_title === 1 ? { autoTitle: true } : {}),
    ...(row.closed_at === null ? {} : { closedAt: isoTimestamp(row.closed_at) }),
    ...(row.forked_from === null ? {} : { forkedFrom: JSON.parse(row.forked_from) }),
  };
}

/** A message and one of its pieces; all piece columns are null when it has none. */
export type MessageWithPiece = Stored<'messages'> & {
  readonly offset_units: number | null;
  readonly text: string | null;
  readonly piece_marks: string | null;
};

/**
 * `rows` must be in the order of messages, and of pieces within each. Appends the pieces; returns one message per id.
 */
export function messagesOf(rows: readonly MessageWithPiece[]): MessageFact[] {
  const messages: MessageFact[] = [];
  let current: { row: MessageWithPiece; said: MarkedText } | undefined;
  const finish = () => {
    if (current !== undefined) messages.push(messageOf(current.row, current.said));
  };
  for (const row of rows) {
    if (current?.row.id !== row.id) {
      finish();
      current = { row, said: { content: row.content, marks: marksOf(row.marks) } };
    }
    if (row.offset_units === null || row.text === null) continue;
    current.said = withCheckpoint(current.said, {
      offset: row.offset_units,
      text: row.text,
      marks: marksOf(row.piece_marks),
    });
  }
  finish();
  return messages;
}

function messageOf(row: Stored<'messages'>, { content, marks }: MarkedText): MessageFact {
  return {
    id: row.id,
    sessionId: row.session_id,
    role: row.role,
    content,
    createdAt: isoTimestamp(row.created_at),
    ...(row.tool_call_id === null ? {} : { toolCallId: row.tool_call_id }),
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.author === null ? {} : { author: JSON.parse(row.author) }),
    ...(row.queue_rank === null ? { parentId: row.parent_id } : { queueRank: row.queue_rank }),
    ...(row.edited === 1 ? { edited: true } : {}),
    ...(row.prompt_id === null ? {} : { promptId: row.prompt_id }),
    ...(row.finish_reason === null ? {} : { finishReason: row.finish_reason }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(row.usage === null ? {} : { usage: JSON.parse(row.usage) }),
    ...(row.status === 'complete' ? {} : { status: row.status }),
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
  };
}

export function traceOf(row: Stored<'traces'>): Trace {
  return {
    id: row.id,
    ...(row.session_id === null ? {} : { sessionId: row.session_id }),
    name: row.name,
    status: row.status,
    ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
    ...(row.metadata === null ? {} : { metadata: metadataOf(row.metadata) }),
    createdAt: isoTimestamp(row.created_at),
    updatedAt: isoTimestamp(row.updated_at),
    ...(row.origin === null ? {} : { origin: row.origin }),
  };
}

export function spanOf(row: Omit<Stored<'trace_spans'>, 'position'>): TraceSpan {
  return {
    id: row.id,
    traceId: row.trace_id,
    parentId: row.parent_id,
    name: row.name,
    status: row.status,
    startedAt: isoTimestamp(row.started_at),
    endedAt: isoTimestamp(row.ended_at),
    attributes: JSON.parse(row.attributes),
  };
}

function metadataOf(json: string): TraceMetadata {
  return JSON.parse(json);
}

export function turnOf(row: Stored<'turns'>): StoredTurn {
  return {
    turnId: row.id,
    sessionId: row.session_id,
    promptId: row.prompt_id,
    answerId: row.answer_id,
    traceId: row.trace_id,
    status: row.status,
    step: row.step,
    ...(row.options === null ? {} : { options: JSON.parse(row.options) }),
    ...(row.scopes === null ? {} : { scopes: JSON.parse(row.scopes) }),
    rank: row.rank,
    ...(row.continues_at === null ? {} : { continuesAt: row.continues_at }),
    steers: row.steers === 1,
    ...(row.pushed === null ? {} : { pushed: JSON.parse(row.pushed) }),
    ...(row.received === null ? {} : { received: row.received }),
    ...(row.charged_to === null ? {} : { chargedTo: JSON.parse(row.charged_to) }),
  };
}

/** A tool call, with the id of the message that is its turn's answer. */
export type CallWithAnswer = Stored<'tool_calls'> & { readonly answer_id: MessageId | null };

export function toolCallOf(row: CallWithAnswer): StoredToolCall {
  return {
    id: row.id,
    sessionId: row.session_id,
    turnId: row.turn_id,
    answerId: row.answer_id,
    step: row.step,
    modelCallId: row.model_call_id,
    name: row.name,
    status: row.status,
    agentId: row.agent_id,
    needsApproval: row.needs_approval === 1,
    approvalDeadline: row.approval_deadline,
    approval: row.approval === null ? null : JSON.parse(row.approval),
    argumentsJson: row.arguments,
    result: row.result,
    ...(row.files === null ? {} : { files: JSON.parse(row.files) }),
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

export function runtimeConfigOf(json: string): RuntimeConfig {
  return JSON.parse(json);
}

export function registeredToolOf(json: string): RegisteredTool {
  return JSON.parse(json);
}
