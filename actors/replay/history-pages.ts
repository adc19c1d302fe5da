/** The history of one session: its journal is replayed, and told page by page (SPEC INS). */
import { eventTable } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { HistoryStep, SessionHistory } from '../../schema/session-history.ts';
import { shownContext, shownValue } from '../../schema/shown-json.ts';
import type { CausedEvent } from '../ports.ts';
import { type ReplayStep, SessionReplay } from './session-replay.ts';

/** The first step: the one after the `seq` `after`, or the one at the index `from`; or those around the `seq` `around`. */
export type HistoryQuery = { readonly limit: number } & (
  | { readonly after: number }
  | { readonly from: number }
  | { readonly around: number }
);

export type JournalToTell = {
  readonly sessionId: SessionId;
  readonly events: readonly CausedEvent[];
  /** The session has more events than these. */
  readonly isCapped: boolean;
};

/** Called after each step: replaying a long history takes longer than others can wait. `undefined`: go on at once. */
export type Pause = () => Promise<void> | undefined;

/** A replay, and the index of its next step. */
type Replaying = { readonly steps: ReturnType<SessionReplay['steps']>; readonly next: number };

export class HistoryPages {
  readonly #journal: JournalToTell;
  readonly #pause: Pause;
  /** Where the page before this one ended: a page behind it goes on from there, any other begins anew. */
  #replaying: Replaying | null = null;

  constructor(journal: JournalToTell, pause: Pause) {
    this.#journal = journal;
    this.#pause = pause;
  }

  async page(query: HistoryQuery): Promise<SessionHistory> {
    const { sessionId, events, isCapped } = this.#journal;
    const offset = firstIndex(events, query);
    const steps = await this.#steps(offset, Math.min(events.length, offset + query.limit));
    const [first, last] = [events[0], events.at(-1)];
    const isMore = offset + steps.length < events.length;
    return {
      sessionId,
      complete: first === undefined || first.event.type === 'session.created',
      events: { count: events.length, first: first?.seq ?? null, last: last?.seq ?? null },
      ...(isCapped ? { capped: true } : {}),
      offset,
      steps,
      next: isMore ? (steps.at(-1)?.seq ?? null) : null,
    };
  }

  async #steps(offset: number, end: number): Promise<HistoryStep[]> {
    const shown: HistoryStep[] = [];
    if (offset >= end) return shown;
    const kept = this.#replaying;
    // Two pages that are asked for at once must not share a replay.
    this.#replaying = null;
    const { steps, next } = kept !== null && kept.next <= offset ? kept : this.#begun(offset);
    let index = next;
    for (; index < end; index++) {
      const { value: step } = steps.next(offset);
      if (step === undefined) break;
      if (index >= offset) shown.push(shownStep(step));
      const pause = this.#pause();
      if (pause !== undefined) await pause;
    }
    this.#replaying = { steps, next: index };
    return shown;
  }

  #begun(offset: number): Replaying {
    const { sessionId, events } = this.#journal;
    return { steps: new SessionReplay(sessionId, events).steps(offset), next: 0 };
  }
}

/** Events after the last step of the page are not replayed; one that begins behind the end replays none. */
function firstIndex(events: readonly CausedEvent[], query: HistoryQuery): number {
  if ('from' in query) return Math.min(query.from, events.length);
  const later = events.findIndex(({ seq }) => seq > ('after' in query ? query.after : query.around));
  const index = later < 0 ? events.length : later;
  return 'after' in query
    ? index
    : Math.max(0, Math.min(index - 1, events.length) - Math.floor(query.limit / 2));
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
