/**
 * Turns a batch of journal entries into rows. Pure: it does not know what is stored, so the statements built from its
 * result say what happens to rows that exist or do not (`projection-statements.ts`). Projecting entry by entry or all
 * at once gives the same read model (SPEC [JRN5]).
 */
import type { JournalEntry } from '../../../actors/ports.ts';
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { DomainEventOf } from '../../../schema/event-catalogue.ts';
import type { SessionId, TurnId } from '../../../schema/ids.ts';
import { millisecondsOf } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import type { MessageCheckpoint } from '../../../schema/turn-record.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import {
  emptyProjection,
  type MessageTerms,
  type Projection,
  type Row,
  type TurnChange,
} from './projection.ts';
import { termsText } from './search-statements.ts';

export function project(batch: readonly JournalEntry[]): Projection {
  const projection = emptyProjection();
  for (const entry of batch) projectEntry(projection, entry);
  return projection;
}

function projectEntry(projection: Projection, entry: JournalEntry): void {
  switch (entry.type) {
    case 'session.created':
      projection.changedSessions.delete(entry.data.id);
      projection.createdSessions.set(entry.data.id, sessionRow(entry.data, 'idle'));
      return;
    case 'session.updated':
      updateSession(projection, entry.data);
      return;
    case 'session.deleted':
      deleteSession(projection, entry.data.id);
      return;
    case 'agent.activity':
      changeActivity(projection, entry.data.sessionId, entry.data.state);
      return;
    case 'message.created':
    case 'message.updated':
      projection.messages.set(entry.data.id, messageRow(entry.data));
      projection.messageTerms.set(entry.data.id, messageTerms(entry.data));
      projection.pieces.delete(entry.data.id);
      return;
    case 'message.checkpoint':
      appendPiece(projection, entry.data);
      return;
    case 'tool.call':
    case 'tool.result': {
      const started = projection.toolCalls.get(entry.data.id)?.started_at ?? entry.at;
      projection.toolCalls.set(entry.data.id, toolCallRow(entry, started));
      return;
    }
    case 'turn.queued':
      projection.changedTurns.delete(entry.data.turnId);
      projection.queuedTurns.set(entry.data.turnId, turnRow(entry));
      return;
    case 'turn.started':
      changeTurn(projection, entry.data.turnId, { status: 'running' });
      return;
    case 'turn.step.started':
      changeTurn(projection, entry.data.turnId, { status: 'running', step: entry.data.step });
      return;
    case 'turn.step.ended': {
      const { turnId, sessionId, timestamp: _, ...step } = entry.data;
      projection.turnSteps.set(`${turnId} ${step.step}`, {
        session_id: sessionId,
        turn_id: turnId,
        step: step.step,
        data: JSON.stringify(step),
      });
      return;
    }
    case 'turn.ended':
      changeTurn(projection, entry.data.turnId, {
        status: entry.data.outcome,
        ended_at: entry.at,
        ...(entry.data.reason === undefined ? {} : { reason: entry.data.reason }),
      });
      return;
    case 'trace.created':
    case 'trace.updated':
      projection.traces.set(entry.data.id, traceRow(entry.data));
      return;
    case 'config.updated':
      projection.runtimeConfig = { id: 1, data: JSON.stringify(entry.data), updated_at: entry.at };
      return;
    case 'command.completed':
      projection.commands.set(entry.data.key, {
        key: entry.data.key,
        fingerprint: entry.data.fingerprint,
        result: JSON.stringify(entry.data.result),
        at: entry.at,
      });
      return;
    case 'preferences.updated': {
      const { owner, layout } = entry.data;
      const row = { owner, layout: JSON.stringify(layout), updated_at: entry.at };
      projection.preferences.set(owner, row);
      return;
    }
    case 'file.stored':
      if (projection.files.has(entry.data.id)) return;
      projection.files.set(entry.data.id, { ...entry.data, created_at: entry.at });
      return;
    case 'file.deleted':
      projection.files.delete(entry.data.id);
      projection.deletedFiles.add(entry.data.id);
      return;
    case 'message.reasoning.completed':
      return;
    default:
      unreachable(entry);
  }
}

function updateSession(projection: Projection, session: ChatSession): void {
  const created = projection.createdSessions.get(session.id);
  if (created !== undefined) {
    projection.createdSessions.set(session.id, sessionRow(session, created.activity));
    return;
  }
  const { title, description, status, options, updated_at } = sessionRow(session, 'idle');
  projection.changedSessions.set(session.id, {
    session: { title, description, status, options, updated_at },
    activity: projection.changedSessions.get(session.id)?.activity ?? null,
  });
}

function changeActivity(projection: Projection, id: SessionId, activity: AgentState): void {
  const created = projection.createdSessions.get(id);
  if (created !== undefined) {
    projection.createdSessions.set(id, { ...created, activity });
    return;
  }
  projection.changedSessions.set(id, {
    session: projection.changedSessions.get(id)?.session ?? null,
    activity,
  });
}

/** Drops the session's rows of this batch so far, and deletes the rows of earlier batches. */
function deleteSession(projection: Projection, id: SessionId): void {
  projection.deletedSessions.add(id);
  projection.createdSessions.delete(id);
  projection.changedSessions.delete(id);
  forget(projection.messages, id);
  forget(projection.messageTerms, id);
  forget(projection.toolCalls, id);
  forget(projection.turnSteps, id);
  forget(projection.queuedTurns, id);
  for (const [message, pieces] of projection.pieces) {
    if (pieces[0]?.session_id === id) projection.pieces.delete(message);
  }
}

function forget<Id>(rows: Map<Id, { readonly session_id: SessionId }>, session: SessionId): void {
  for (const [id, row] of rows) if (row.session_id === session) rows.delete(id);
}

function appendPiece(projection: Projection, checkpoint: MessageCheckpoint): void {
  const { sessionId, messageId, offset, text } = checkpoint;
  const message = projection.messages.get(messageId);
  if (message !== undefined) {
    projection.messages.set(messageId, { ...message, content: message.content.slice(0, offset) + text });
    return;
  }
  const pieces = projection.pieces.get(messageId) ?? [];
  const last = pieces.at(-1);
  if (last !== undefined && last.offset_units + last.text.length === offset) {
    projection.pieces.set(messageId, [...pieces.slice(0, -1), { ...last, text: last.text + text }]);
    return;
  }
  const piece = { session_id: sessionId, message_id: messageId, offset_units: offset, text };
  projection.pieces.set(messageId, [...pieces, piece]);
}

function changeTurn(projection: Projection, id: TurnId, change: TurnChange): void {
  const queued = projection.queuedTurns.get(id);
  if (queued !== undefined) projection.queuedTurns.set(id, { ...queued, ...change });
  else projection.changedTurns.set(id, { ...projection.changedTurns.get(id), ...change });
}

function sessionRow(session: ChatSession, activity: AgentState): Row<'sessions'> {
  return {
    id: session.id,
    title: session.title,
    description: session.description ?? null,
    status: session.status,
    created_at: millisecondsOf(session.createdAt),
    updated_at: millisecondsOf(session.updatedAt),
    activity,
    options: jsonOrNull(session.options),
    version: 1,
  };
}

function messageRow(message: ChatMessage): Row<'messages'> {
  return {
    id: message.id,
    session_id: message.sessionId,
    role: message.role,
    content: message.content,
    tool_call_id: message.toolCallId ?? null,
    name: message.name ?? null,
    finish_reason: message.finishReason ?? null,
    created_at: millisecondsOf(message.createdAt),
  };
}

function messageTerms({ id, sessionId, content }: ChatMessage): MessageTerms {
  return { id, session_id: sessionId, terms: termsText(content) };
}

function toolCallRow(
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
    agent_id: entry.data.agentId,
    started_at: startedAt,
    ended_at: entry.type === 'tool.result' ? entry.at : null,
  };
}

function turnRow(entry: DomainEventOf<'turn.queued'>): Row<'turns'> {
  return {
    id: entry.data.turnId,
    session_id: entry.data.sessionId,
    prompt_id: entry.data.promptId,
    answer_id: entry.data.answerId,
    failure_id: entry.data.failureId,
    trace_id: entry.data.traceId,
    status: 'queued',
    step: 0,
    reason: null,
    options: jsonOrNull(entry.data.options),
    queued_at: entry.at,
    ended_at: null,
  };
}

function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function traceRow(trace: Trace): Row<'traces'> {
  return {
    id: trace.id,
    session_id: trace.sessionId ?? null,
    name: trace.name,
    status: trace.status,
    duration_ms: trace.durationMs ?? null,
    metadata: jsonOrNull(trace.metadata),
    created_at: millisecondsOf(trace.createdAt),
    updated_at: millisecondsOf(trace.updatedAt),
  };
}
