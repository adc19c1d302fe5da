/** The history of one session: replays its journal and returns one page of it (SPEC INS). */
import type { Clock, CommittedEvent, EventLog, ReadModel } from '../../actors/ports.ts';
import { type ReplayStep, SessionReplay } from '../../actors/replay/session-replay.ts';
import { eventTable } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { HistoryStep, SessionHistory } from '../../schema/session-history.ts';
import { shownContext, shownValue } from './happening.ts';

export type HistoryPorts = {
  readonly eventLog: EventLog;
  readonly readModel: Pick<ReadModel, 'session'>;
  readonly clock: Clock;
};

/** The first step: the one after the `seq` `after`, or the one at the index `from`; or those around the `seq` `around`. */
export type HistoryQuery = { readonly limit: number } & (
  | { readonly after: number }
  | { readonly from: number }
  | { readonly around: number }
);

/** `undefined`: there is neither a session nor an event of one. Rejects with `JournalUnavailable`. */
export async function replayedSession(
  { eventLog, readModel, clock }: HistoryPorts,
  sessionId: SessionId,
  query: HistoryQuery,
): Promise<SessionHistory | undefined> {
  const { events, capped } = await allEvents(eventLog, sessionId);
  const [first] = events;
  if (first === undefined && (await readModel.session(sessionId)) === undefined) return undefined;
  const offset = firstIndex(events, query);
  const steps: HistoryStep[] = [];
  let index = 0;
  let next: number | null = null;
  let pausedAt = clock.now();
  const replay = offset < events.length ? new SessionReplay(sessionId, events).steps(offset) : [];
  for (const step of replay) {
    if (steps.length === query.limit) {
      next = steps.at(-1)?.seq ?? null;
      break;
    }
    if (index++ >= offset) steps.push(shownStep(step));
    // Lets other work run: replaying a long history takes longer than a tick may.
    if (clock.now() - pausedAt >= limits.historySliceMs) {
      await new Promise<void>((resolve) => clock.soon(resolve));
      pausedAt = clock.now();
    }
  }
  return {
    sessionId,
    complete: first === undefined || first.event.type === 'session.created',
    events: { count: events.length, first: first?.seq ?? null, last: events.at(-1)?.seq ?? null },
    ...(capped ? { capped } : {}),
    offset,
    steps,
    next,
  };
}

/** Events after the last step of the page are not replayed; one that begins behind the end replays none. */
function firstIndex(events: readonly CommittedEvent[], query: HistoryQuery): number {
  if ('from' in query) return Math.min(query.from, events.length);
  const later = events.findIndex(({ seq }) => seq > ('after' in query ? query.after : query.around));
  const index = later < 0 ? events.length : later;
  return 'after' in query
    ? index
    : Math.max(0, Math.min(index - 1, events.length) - Math.floor(query.limit / 2));
}

async function allEvents(eventLog: EventLog, sessionId: SessionId) {
  const events: CommittedEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const chunk = await eventLog.ofSession({ sessionId, after, limit: limits.historyChunkEvents });
    events.push(...chunk);
    if (chunk.length < limits.historyChunkEvents) return { events, capped: false as const };
    if (events.length >= limits.historyEventsMax) return { events, capped: true as const };
  }
}

function shownStep({ committed, basis, actor, inputs, views, untaken, note }: ReplayStep): HistoryStep {
  const { seq, event } = committed;
  return {
    seq,
    at: event.at,
    event: event.type,
    namespace: eventTable[event.type].namespace,
    data: shownValue(event.data),
    basis,
    actorId: actor,
    inputs: inputs.map((input) => ({
      actorId: input.actor,
      type: input.event.type,
      at: input.event.at,
      preview: shownValue(input.event),
    })),
    actors: views().map(({ view, context }) => ({ ...view, context: shownContext(context) })),
    untaken: untaken.map((one) => ({ actorId: one.actor, transitions: [...one.transitions] })),
    note,
  };
}
