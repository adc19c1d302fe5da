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

/** `undefined`: there is neither a session nor an event of one. Rejects with `JournalUnavailable`. */
export async function replayedSession(
  { eventLog, readModel, clock }: HistoryPorts,
  sessionId: SessionId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<SessionHistory | undefined> {
  const { events, capped } = await allEvents(eventLog, sessionId);
  const [first] = events;
  if (first === undefined && (await readModel.session(sessionId)) === undefined) return undefined;
  const steps: HistoryStep[] = [];
  let next: number | null = null;
  let pausedAt = clock.now();
  for (const step of new SessionReplay(sessionId, events).steps()) {
    if (step.committed.seq > after && steps.length === limit) {
      next = steps.at(-1)?.seq ?? null;
      break;
    }
    if (step.committed.seq > after) steps.push(shownStep(step));
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
    steps,
    next,
  };
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
