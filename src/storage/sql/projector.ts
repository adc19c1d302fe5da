/**
 * Turns a batch of journal entries into rows. Pure: it does not know what is stored, so the statements built from its
 * result say what happens to rows that exist or do not (`projection-statements.ts`). Projecting entry by entry or all
 * at once gives the same read model (SPEC [JRN5]).
 *
 * What is below a deleted message, only the store knows. So a deletion ends a projection, and what follows it in the
 * batch goes into the next one.
 */
import type { JournalEntry } from '../../../actors/ports.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { EventData } from '../../../schema/event-catalogue.ts';
import type { SessionId, TraceId, TurnId } from '../../../schema/ids.ts';
import { storedBytesOf } from '../../../schema/stored-bytes.ts';
import type { MessageCheckpoint } from '../../../schema/turn-record.ts';
import { pushedOf } from '../../../schema/turn-record.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { marksOf, marksText, marksUpTo, withCheckpoint } from './checkpointed-text.ts';
import { projectKey } from './key-statements.ts';
import { projectParticipant } from './participant-statements.ts';
import {
  configChangeRow,
  importedCallRow,
  importedTurnRow,
  messageRow,
  messageTerms,
  referenceRow,
  referenceRows,
  sessionRow,
  spanRow,
  stepRow,
  toolCallRow,
  traceRow,
  turnRow,
} from './projected-rows.ts';
import { addBytes, changeActivity, selectLeaf, updateSession } from './projected-sessions.ts';
import {
  emptyProjection,
  type MessageKey,
  messageKey,
  type Projection,
  type Row,
  type TurnChange,
} from './projection.ts';
import { sessionOwnerRow } from './session-owners.ts';
import { addSpending } from './token-spending.ts';

type SessionImported = EventData<'session.imported'>;

/** To be written one after the other. */
export function project(batch: readonly JournalEntry[]): readonly Projection[] {
  let projection = emptyProjection();
  const projections = [projection];
  for (const entry of batch) {
    if (projection.deletedMessages.size > 0 && entry.type !== 'message.deleted') {
      projection = emptyProjection();
      projections.push(projection);
    }
    projectEntry(projection, entry);
  }
  return projections;
}

function projectEntry(projection: Projection, entry: JournalEntry): void {
  projectRows(projection, entry);
  const bytes = storedBytesOf(entry);
  if (bytes > 0 && entry.sessionId !== null) addBytes(projection, entry.sessionId, bytes);
}

function projectRows(projection: Projection, entry: JournalEntry): void {
  switch (entry.type) {
    case 'session.created':
      projection.changedSessions.delete(entry.data.id);
      projection.createdSessions.set(entry.data.id, sessionRow(entry.data, 'idle'));
      if (entry.record === undefined) return;
      projection.sessionOwners.set(entry.data.id, sessionOwnerRow(entry.data.id, entry.record));
      return;
    case 'session.imported':
      importConversation(projection, entry.data);
      return;
    case 'session.updated':
      updateSession(projection, entry.data);
      if (entry.record === undefined) return;
      projection.sessionOwners.set(entry.data.id, sessionOwnerRow(entry.data.id, entry.record));
      return;
    case 'session.deleted':
      deleteSession(projection, entry.data.id);
      return;
    case 'agent.activity':
      changeActivity(projection, entry.data.sessionId, entry.data.state);
      return;
    case 'branch.selected':
      selectLeaf(projection, entry.data.sessionId, entry.data.leafId);
      return;
    case 'participant.added':
    case 'participant.updated':
    case 'participant.removed':
      projectParticipant(projection, entry);
      return;
    case 'message.updated':
      // Only what waits can lose a file; an answer keeps those of its calls, whether its parts tell of them or not.
      if (entry.data.promptId === undefined) forgetReferences(projection, entry.data);
      writeMessage(projection, entry.data);
      return;
    case 'message.created':
      writeMessage(projection, entry.data);
      return;
    case 'message.deleted':
      projection.deletedMessages.set(...keyed(entry.data));
      return;
    case 'message.checkpoint':
      appendPiece(projection, entry.data);
      return;
    case 'tool.call':
    case 'tool.result': {
      const started = projection.toolCalls.get(entry.data.id)?.started_at ?? entry.at;
      projection.toolCalls.set(entry.data.id, toolCallRow(entry, started));
      const { answerId, files = [] } = entry.record;
      if (answerId === undefined) return;
      for (const file of files) refer(projection, referenceRow(entry.data.sessionId, answerId, file));
      return;
    }
    case 'turn.queued': {
      const queuedAt = projection.queuedTurns.get(entry.data.turnId)?.queued_at ?? entry.at;
      projection.changedTurns.delete(entry.data.turnId);
      projection.queuedTurns.set(entry.data.turnId, turnRow(entry.data, queuedAt));
      return;
    }
    case 'turn.started':
      changeTurn(projection, entry.data.turnId, { status: 'running' });
      return;
    case 'turn.step.started':
      changeTurn(projection, entry.data.turnId, { status: 'running', step: entry.data.step });
      return;
    case 'turn.step.ended': {
      const { turnId, sessionId, timestamp: _, ...step } = entry.data;
      projection.turnSteps.set(stepKey(turnId, step.step), stepRow(sessionId, turnId, step));
      return;
    }
    case 'turn.claimed':
      changeTurn(projection, entry.data.turnId, { pushed: JSON.stringify(pushedOf(entry.data)) });
      return;
    case 'turn.received':
      changeTurn(projection, entry.data.turnId, { received: entry.data.received });
      return;
    case 'turn.ended':
      changeTurn(projection, entry.data.turnId, {
        status: entry.data.outcome,
        ended_at: entry.at,
        ...(entry.data.reason === undefined ? {} : { reason: entry.data.reason }),
      });
      if (entry.data.spent !== undefined) addSpending(projection.tokenSpending, entry.data.spent, entry.at);
      return;
    case 'trace.created':
    case 'trace.updated':
      projection.traces.set(entry.data.id, traceRow(entry.data, entry.record));
      return;
    case 'trace.span.appended': {
      const key = `${entry.data.traceId} ${entry.data.id}`;
      if (!projection.traceSpans.has(key)) projection.traceSpans.set(key, spanRow(entry.data));
      return;
    }
    case 'trace.purged':
      purgeTraces(projection, entry.data.ids);
      return;
    case 'config.updated':
      projection.runtimeConfig = { id: 1, data: JSON.stringify(entry.data), updated_at: entry.at };
      return;
    case 'tool.registered':
    case 'tool.updated':
    case 'tool.deactivated':
      projection.registeredTools.set(entry.data.name, {
        name: entry.data.name,
        data: JSON.stringify(entry.data),
      });
      return;
    case 'key.created':
    case 'key.rotated':
    case 'key.revoked':
      projectKey(projection, entry);
      return;
    case 'config.changed':
      if (projection.configChanges.has(entry.data.id)) return;
      projection.configChanges.set(entry.data.id, configChangeRow(entry.data, entry.at));
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
      projection.files.set(entry.data.id, {
        ...entry.data,
        created_at: entry.at,
        owner: entry.record?.owner ?? null,
        tenant: entry.record?.tenant ?? null,
      });
      return;
    case 'file.deleted':
      projection.files.delete(entry.data.id);
      projection.deletedFiles.add(entry.data.id);
      return;
    case 'config.flag.updated':
    case 'config.reset':
    case 'message.reasoning.completed':
    case 'config-file.updated':
    case 'turn.offered':
    case 'turn.withdrawn':
    case 'token.created':
    case 'session.handed-over':
    case 'session.commanded':
    case 'refusals.counted':
      return;
    default:
      unreachable(entry);
  }
}

function purgeTraces(projection: Projection, ids: readonly TraceId[]): void {
  for (const id of ids) {
    projection.purgedTraces.add(id);
    projection.traces.delete(id);
  }
  // Those that were purged earlier in the batch may have been made again since.
  for (const [key, row] of projection.traceSpans) {
    if (ids.includes(row.trace_id)) projection.traceSpans.delete(key);
  }
}

function keyed({ id, sessionId }: Pick<MessageFact, 'id' | 'sessionId'>): [string, MessageKey] {
  const key: MessageKey = { session_id: sessionId, message_id: id };
  return [messageKey(key), key];
}

function writeMessage(projection: Projection, message: MessageFact): void {
  const [key] = keyed(message);
  projection.messages.set(key, messageRow(message));
  projection.messageTerms.set(key, messageTerms(message));
  projection.pieces.delete(key);
  for (const row of referenceRows(message)) refer(projection, row);
}

function refer(projection: Projection, row: Row<'file_references'>): void {
  projection.fileReferences.set(`${row.file_id} ${messageKey(row)}`, row);
}

function forgetReferences(projection: Projection, message: MessageFact): void {
  projection.changedReferences.set(...keyed(message));
  for (const [key, row] of projection.fileReferences) {
    if (row.message_id === message.id && row.session_id === message.sessionId) {
      projection.fileReferences.delete(key);
    }
  }
}

/** All rows of a conversation. Its turns have ended. */
function importConversation(projection: Projection, imported: SessionImported): void {
  const { sessionId } = imported;
  selectLeaf(projection, sessionId, imported.leafId);
  for (const message of imported.messages) writeMessage(projection, { ...message, sessionId });
  for (const [index, turn] of imported.turns.entries()) {
    const row = importedTurnRow(sessionId, turn, index);
    const queuedAt = projection.queuedTurns.get(turn.turnId)?.queued_at ?? row.queued_at;
    projection.changedTurns.delete(turn.turnId);
    projection.queuedTurns.set(turn.turnId, { ...row, queued_at: queuedAt });
    for (const step of turn.steps) {
      projection.turnSteps.set(stepKey(turn.turnId, step.step), stepRow(sessionId, turn.turnId, step));
    }
    if (turn.trace !== undefined) projection.traces.set(turn.trace.id, traceRow(turn.trace));
  }
  const answers = new Map(imported.turns.map(({ turnId, answerId }) => [turnId, answerId]));
  for (const call of imported.calls) {
    const answerId = answers.get(call.turnId);
    if (answerId !== undefined) {
      for (const file of call.files ?? []) refer(projection, referenceRow(sessionId, answerId, file));
    }
    const row = importedCallRow(sessionId, call);
    const startedAt = projection.toolCalls.get(call.id)?.started_at ?? row.started_at;
    projection.toolCalls.set(call.id, { ...row, started_at: startedAt });
  }
}

/** Drops the session's rows of this batch so far, and deletes the rows of earlier batches. */
function deleteSession(projection: Projection, id: SessionId): void {
  projection.deletedSessions.add(id);
  projection.createdSessions.delete(id);
  projection.changedSessions.delete(id);
  forget(projection.participants, id);
  forget(projection.messages, id);
  forget(projection.messageTerms, id);
  forget(projection.toolCalls, id);
  forget(projection.turnSteps, id);
  forget(projection.queuedTurns, id);
  forget(projection.fileReferences, id);
  for (const [key, pieces] of projection.pieces) {
    if (pieces[0]?.session_id === id) projection.pieces.delete(key);
  }
}

function forget<Id>(rows: Map<Id, { readonly session_id: SessionId }>, session: SessionId): void {
  for (const [id, row] of rows) if (row.session_id === session) rows.delete(id);
}

function appendPiece(projection: Projection, checkpoint: MessageCheckpoint): void {
  const { sessionId, messageId, offset, text, marks = [] } = checkpoint;
  const [key] = keyed({ id: messageId, sessionId });
  const message = projection.messages.get(key);
  if (message !== undefined) {
    const before = { content: message.content, marks: marksOf(message.marks) };
    const after = withCheckpoint(before, { offset, text, marks });
    projection.messages.set(key, { ...message, content: after.content, marks: marksText(after.marks) });
    return;
  }
  const pieces = projection.pieces.get(key) ?? [];
  const last = pieces.at(-1);
  if (last !== undefined && last.offset_units + last.text.length === offset) {
    const joined = {
      ...last,
      text: last.text + text,
      marks: marksText([...marksUpTo(marksOf(last.marks), offset), ...marks]),
    };
    projection.pieces.set(key, [...pieces.slice(0, -1), joined]);
    return;
  }
  const piece = {
    session_id: sessionId,
    message_id: messageId,
    offset_units: offset,
    text,
    marks: marksText(marks),
  };
  projection.pieces.set(key, [...pieces, piece]);
}

function changeTurn(projection: Projection, id: TurnId, change: TurnChange): void {
  const queued = projection.queuedTurns.get(id);
  if (queued !== undefined) projection.queuedTurns.set(id, { ...queued, ...change });
  else projection.changedTurns.set(id, { ...projection.changedTurns.get(id), ...change });
}

function stepKey(turn: TurnId, step: number): string {
  return `${turn} ${step}`;
}
