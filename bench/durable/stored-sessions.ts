/** Makes stored sessions with one exchange each, written through the journal in large batches. */
import type { Journal, JournalEntry } from '../../actors/ports.ts';
import type { MessageId, SessionId, TraceId, TurnId } from '../../schema/ids.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { systemIds } from '../../src/ids.ts';

const sessionsPerBatch = 200;

/** Returns their ids, oldest first. */
export async function storeSessions(journal: Journal, count: number): Promise<readonly SessionId[]> {
  const ids: SessionId[] = [];
  while (ids.length < count) {
    const batch: JournalEntry[] = [];
    for (let left = Math.min(sessionsPerBatch, count - ids.length); left > 0; left--) {
      const id = systemIds.next<SessionId>();
      ids.push(id);
      batch.push(...exchange(id, firstAt + ids.length));
    }
    await journal.append(batch);
  }
  return ids;
}

const firstAt = Date.UTC(2026, 0, 1);

function exchange(sessionId: SessionId, at: number): readonly JournalEntry[] {
  const timestamp = isoTimestamp(at);
  const turnId = systemIds.next<TurnId>();
  const promptId = systemIds.next<MessageId>();
  const answerId = systemIds.next<MessageId>();
  const traceId = systemIds.next<TraceId>();
  const session = {
    id: sessionId,
    title: `Session ${sessionId}`,
    status: 'active' as const,
    createdAt: timestamp,
    updatedAt: timestamp,
  };
  const prompt = {
    id: promptId,
    sessionId,
    role: 'user' as const,
    content: 'What time is it?',
    createdAt: timestamp,
    parentId: null,
  };
  const answer = {
    ...prompt,
    id: answerId,
    role: 'assistant' as const,
    content: 'It is late. '.repeat(20),
    parentId: promptId,
    promptId,
  };
  const trace = {
    id: traceId,
    sessionId,
    name: 'engine.run',
    status: 'running' as const,
    metadata: { messageId: promptId },
    createdAt: timestamp,
    updatedAt: timestamp,
  };
  const about = { sessionId, at };
  return [
    { type: 'session.created', ...about, data: session },
    { type: 'message.created', ...about, data: prompt },
    {
      type: 'turn.queued',
      ...about,
      data: { turnId, sessionId, promptId, answerId, traceId, timestamp, rank: 1 },
    },
    { type: 'trace.created', ...about, data: trace },
    { type: 'message.created', ...about, data: answer },
    { type: 'session.updated', ...about, data: { ...session, leafId: answerId } },
    { type: 'agent.activity', ...about, data: { sessionId, state: 'idle', timestamp } },
    { type: 'trace.updated', ...about, data: { ...trace, status: 'completed', durationMs: 0 } },
    { type: 'turn.ended', ...about, data: { turnId, sessionId, timestamp, outcome: 'completed' } },
  ];
}
