/** Stored sessions with how each stands, page by page (SPEC [INS13]). */
import type { ReadModel } from '../../actors/ports.ts';
import type { SessionWork } from '../../actors/stored-rows.ts';
import type { Visibility } from '../../schema/authorization.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Recording, RecordingFilters, RecordingPage, SessionStanding } from '../../schema/recording.ts';
import { isoTimestamp, millisecondsOf } from '../../schema/timestamp.ts';

export type RecordingsPorts = { readonly readModel: Pick<ReadModel, 'findSessions' | 'sessionWork'> };

export type RecordingsQuery = RecordingFilters & {
  readonly before?: SessionId | undefined;
  readonly visibleTo: Visibility | undefined;
};

/** Looks at so many sessions that the page is made quickly, whatever the filters leave of them. */
export async function recordingsPage(
  { readModel }: RecordingsPorts,
  { before, visibleTo, updatedAfter, updatedBefore, ...filters }: RecordingsQuery,
): Promise<RecordingPage> {
  const limit = limits.recordingsPageMax;
  const sessions = await readModel.findSessions({
    limit,
    before,
    visibleTo,
    status: filters.state === 'closed' ? undefined : filters.state,
    updatedAfter: updatedAfter === undefined ? undefined : millisecondsOf(updatedAfter),
    updatedBefore: updatedBefore === undefined ? undefined : millisecondsOf(updatedBefore),
  });
  const named = sessions.filter((session) => isNamed(session, filters));
  const work = await readModel.sessionWork(named.map(({ id }) => id));
  const recordings = named.map(
    (session): Recording => ({ ...session, standing: standingOf(work.get(session.id)) }),
  );
  return {
    recordings: recordings.filter(({ standing }) => stands(standing, filters)),
    next: sessions.length < limit ? null : (sessions.at(-1)?.id ?? null),
  };
}

function isNamed({ id, title, closedAt }: ChatSession, { q = '', state }: RecordingFilters): boolean {
  if (state === 'closed' && closedAt === undefined) return false;
  return `${id} ${title}`.toLowerCase().includes(q.trim().toLowerCase());
}

function stands({ outcome, tools, models }: SessionStanding, asked: RecordingFilters): boolean {
  return (
    (asked.outcome === undefined || outcome === asked.outcome) &&
    (asked.tool === undefined || tools.includes(asked.tool)) &&
    (asked.model === undefined || models.includes(asked.model))
  );
}

function standingOf(work: SessionWork | undefined): SessionStanding {
  if (work === undefined) {
    return { outcome: null, reason: null, since: null, durationMs: null, tools: [], models: [] };
  }
  const { lastTurn, waitingCall, tools, models } = work;
  const { queuedAt, endedAt } = lastTurn ?? {};
  const ended = endedAt ?? queuedAt;
  const since = waitingCall?.startedAt ?? ended;
  return {
    outcome: waitingCall === undefined ? (lastTurn?.status ?? null) : 'waiting',
    reason: waitingCall?.name ?? lastTurn?.reason ?? null,
    since: since === undefined ? null : isoTimestamp(since),
    durationMs: endedAt === undefined || queuedAt === undefined ? null : Math.max(0, endedAt - queuedAt),
    tools: [...tools],
    models: [...models],
  };
}
