/** What entries change of the row of a session, for `projector.ts`: of one that the batch creates, or of an existing one. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { sessionRow } from './projected-rows.ts';
import type { Projection, SessionChange } from './projection.ts';

const unchanged: SessionChange = { session: null, activity: null, leaf: null, bytes: 0 };

export function updateSession(projection: Projection, session: ChatSession): void {
  const created = projection.createdSessions.get(session.id);
  if (created !== undefined) {
    const { activity, stored_bytes } = created;
    projection.createdSessions.set(session.id, { ...sessionRow(session, activity), stored_bytes });
    return;
  }
  const { title, description, status, options, auto_title, closed_at, forked_from, updated_at, leaf_id } =
    sessionRow(session, 'idle');
  projection.changedSessions.set(session.id, {
    session: { title, description, status, options, auto_title, closed_at, forked_from, updated_at },
    activity: projection.changedSessions.get(session.id)?.activity ?? null,
    bytes: projection.changedSessions.get(session.id)?.bytes ?? 0,
    leaf: { id: leaf_id },
  });
}

export function changeActivity(projection: Projection, id: SessionId, activity: AgentState): void {
  const created = projection.createdSessions.get(id);
  if (created !== undefined) {
    projection.createdSessions.set(id, { ...created, activity });
    return;
  }
  projection.changedSessions.set(id, { ...(projection.changedSessions.get(id) ?? unchanged), activity });
}

export function selectLeaf(projection: Projection, id: SessionId, leafId: MessageId | null): void {
  const created = projection.createdSessions.get(id);
  if (created !== undefined) {
    projection.createdSessions.set(id, { ...created, leaf_id: leafId });
    return;
  }
  const before = projection.changedSessions.get(id) ?? unchanged;
  projection.changedSessions.set(id, { ...before, leaf: { id: leafId } });
}

export function addBytes(projection: Projection, id: SessionId, bytes: number): void {
  const created = projection.createdSessions.get(id);
  if (created !== undefined) {
    projection.createdSessions.set(id, { ...created, stored_bytes: created.stored_bytes + bytes });
    return;
  }
  const before = projection.changedSessions.get(id) ?? unchanged;
  projection.changedSessions.set(id, { ...before, bytes: before.bytes + bytes });
}
