/** The history of one session: its journal is read and replayed, and one page of it returned (SPEC INS). */
import type { CausedEvent, Clock, EventLog, ReadModel } from '../../actors/ports.ts';
import { HistoryPages, type HistoryQuery, type Pause } from '../../actors/replay/history-pages.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { SessionHistory } from '../../schema/session-history.ts';

export type HistoryPorts = {
  readonly eventLog: EventLog;
  readonly readModel: Pick<ReadModel, 'session'>;
  readonly clock: Clock;
};

/** `undefined`: there is neither a session nor an event of one. Rejects with `JournalUnavailable`. */
export async function replayedSession(
  { eventLog, readModel, clock }: HistoryPorts,
  sessionId: SessionId,
  query: HistoryQuery,
): Promise<SessionHistory | undefined> {
  const { events, isCapped } = await allEvents(eventLog, sessionId);
  if (events.length === 0 && (await readModel.session(sessionId)) === undefined) return undefined;
  return await new HistoryPages({ sessionId, events, isCapped }, pauses(clock)).page(query);
}

function pauses(clock: Clock): Pause {
  let pausedAt = clock.now();
  return () => {
    if (clock.now() - pausedAt < limits.historySliceMs) return undefined;
    return new Promise((resolve) => {
      clock.soon(() => {
        pausedAt = clock.now();
        resolve();
      });
    });
  };
}

async function allEvents(eventLog: EventLog, sessionId: SessionId) {
  const events: CausedEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const chunk = await eventLog.ofSession({ sessionId, after, limit: limits.historyChunkEvents });
    events.push(...chunk);
    if (chunk.length < limits.historyChunkEvents) return { events, isCapped: false };
    if (events.length >= limits.historyEventsMax) return { events, isCapped: true };
  }
}
