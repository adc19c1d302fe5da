/** The rows of single entries of the journal, for `projector.ts`. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { SessionOwner } from '../../../schema/authorization.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { DomainEventOf, EventData } from '../../../schema/event-catalogue.ts';
import type { MessageId, SessionId, TurnId } from '../../../schema/ids.ts';
import type { ImportedCall, ImportedTurn } from '../../../schema/imported-conversation.ts';
import type { FilePart } from '../../../schema/message-part.ts';
import { type Milliseconds, millisecondsOf } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import type { TraceSpan } from '../../../schema/trace-span.ts';
import type { EndedStep } from '../../../schema/turn-record.ts';
import { marksText } from './checkpointed-text.ts';
import type { CreatedSession, MessageTerms, Row } from './projection.ts';
import { termsText } from './search-statements.ts';

export function sessionRow(session: ChatSession, activity: AgentState): CreatedSession {
  return {
    id: session.id,
    title: session.title,
    description: session.description ?? null,
    status: session.status,
    created_at: millisecondsOf(session.createdAt),
    updated_at: millisecondsOf(session.updatedAt),
    activity,
    options: jsonOrNull(session.options),
    leaf_id: session.leafId ?? null,
    auto_title: session.autoTitle === true ? 1 : 0,
    closed_at: session.closedAt === undefined ? null : millisecondsOf(session.closedAt),
    forked_from: jsonOrNull(session.forkedFrom),
    stored_bytes: 0,
    version: 1,
  };
}

export function messageRow(message: MessageFact): Row<'messages'> {
  return {
    id: message.id,
    session_id: message.sessionId,
    role: message.role,
    content: message.content,
    tool_call_id: message.toolCallId ?? null,
    name: message.name ?? null,
    author: jsonOrNull(message.author),
    parent_id: message.parentId ?? null,
    queue_rank: message.queueRank ?? null,
    edited: message.edited === true ? 1 : 0,
    prompt_id: message.promptId ?? null,
    status: message.status ?? 'complete',
    marks: marksText(message.marks),
    finish_reason: message.finishReason ?? null,
    model: message.model ?? null,
    usage: jsonOrNull(message.usage),
    created_at: millisecondsOf(message.createdAt),
  };
}

/** Which files the message has among its parts. */
export function referenceRows({ id, sessionId, marks = [] }: MessageFact): readonly Row<'file_references'>[] {
  return marks.flatMap(({ part }) => (part?.type === 'file' ? [referenceRow(sessionId, id, part)] : []));
}

export function referenceRow(session: SessionId, message: MessageId, file: FilePart): Row<'file_references'> {
  return { file_id: file.fileId, message_id: message, session_id: session };
}

export function messageTerms({ id, sessionId, content }: MessageFact): MessageTerms {
  return { id, session_id: sessionId, terms: termsText(content) };
}

export function toolCallRow(
  entry: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>,
  startedAt: number,
): Row<'tool_calls'> {
  return {
    id: entry.data.id,
    session_id: entry.data.sessionId,
    turn_id: entry.record.turnId,
    model_call_id: entry.record.modelCallId,
    name: entry.data.name,
    status: entry.data.status,
    step: entry.record.step ?? 1,
    needs_approval: entry.record.needsApproval === true ? 1 : 0,
    approval_deadline: entry.record.approvalDeadline ?? null,
    approval: jsonOrNull(entry.data.approval),
    arguments: entry.record.argumentsJson,
    result: entry.record.result ?? null,
    files: jsonOrNull(entry.record.files),
    agent_id: entry.data.agentId,
    started_at: startedAt,
    ended_at: entry.type === 'tool.result' ? entry.at : null,
  };
}

export function turnRow(queued: EventData<'turn.queued'>, queuedAt: Milliseconds): Row<'turns'> {
  return {
    id: queued.turnId,
    session_id: queued.sessionId,
    prompt_id: queued.promptId,
    answer_id: queued.answerId,
    trace_id: queued.traceId,
    status: 'queued',
    step: 0,
    reason: null,
    options: jsonOrNull(queued.options),
    scopes: jsonOrNull(queued.scopes),
    rank: queued.rank ?? 0,
    continues_at: queued.continuesAt ?? null,
    steers: queued.steers === true ? 1 : 0,
    pushed: jsonOrNull(queued.pushed),
    received: null,
    charged_to: jsonOrNull(queued.chargedTo),
    queued_at: queuedAt,
    ended_at: null,
  };
}

/** `rank`: its place among the turns of the import. */
export function importedTurnRow(sessionId: SessionId, turn: ImportedTurn, rank: number): Row<'turns'> {
  return {
    id: turn.turnId,
    session_id: sessionId,
    prompt_id: turn.promptId,
    answer_id: turn.answerId,
    trace_id: turn.traceId,
    status: turn.outcome,
    step: turn.steps.reduce((last, { step }) => Math.max(last, step), 0),
    reason: turn.reason ?? null,
    options: jsonOrNull(turn.options),
    scopes: null,
    rank,
    continues_at: turn.continuesAt ?? null,
    steers: 0,
    pushed: null,
    received: null,
    charged_to: null,
    queued_at: millisecondsOf(turn.queuedAt),
    ended_at: millisecondsOf(turn.endedAt),
  };
}

export function stepRow(sessionId: SessionId, turnId: TurnId, step: EndedStep): Row<'turn_steps'> {
  return { session_id: sessionId, turn_id: turnId, step: step.step, data: JSON.stringify(step) };
}

export function importedCallRow(sessionId: SessionId, call: ImportedCall): Row<'tool_calls'> {
  return {
    id: call.id,
    session_id: sessionId,
    turn_id: call.turnId,
    model_call_id: call.modelCallId,
    name: call.name,
    status: call.status,
    step: call.step,
    needs_approval: call.approval === undefined ? 0 : 1,
    approval_deadline: null,
    approval: jsonOrNull(call.approval),
    arguments: call.argumentsJson,
    result: call.result,
    files: jsonOrNull(call.files),
    agent_id: call.agentId,
    started_at: millisecondsOf(call.startedAt),
    ended_at: millisecondsOf(call.endedAt),
  };
}

function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

export function traceRow(trace: Trace, owner?: SessionOwner): Row<'traces'> {
  return {
    id: trace.id,
    session_id: trace.sessionId ?? null,
    name: trace.name,
    status: trace.status,
    duration_ms: trace.durationMs ?? null,
    metadata: jsonOrNull(trace.metadata),
    origin: trace.origin ?? null,
    owner: owner?.owner ?? null,
    tenant: owner?.tenant ?? null,
    created_at: millisecondsOf(trace.createdAt),
    updated_at: millisecondsOf(trace.updatedAt),
  };
}

export function configChangeRow(
  { id, by, kind, changes }: EventData<'config.changed'>,
  at: Milliseconds,
): Row<'config_changes'> {
  return { id, changed_by: by, kind, changes: JSON.stringify(changes), at };
}

export function spanRow(span: TraceSpan): Row<'trace_spans'> {
  return {
    trace_id: span.traceId,
    id: span.id,
    parent_id: span.parentId,
    name: span.name,
    status: span.status,
    started_at: millisecondsOf(span.startedAt),
    ended_at: millisecondsOf(span.endedAt),
    attributes: JSON.stringify(span.attributes),
  };
}
