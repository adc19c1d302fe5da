/** The steps of a stored session, loaded page by page, and the index of the step that is shown. */
import type { HistoryStep, SessionHistory } from '../../../../schema/session-history.ts';

export type Steps = {
  readonly sessionId: string;
  /** In the order of the journal. */
  readonly steps: readonly HistoryStep[];
  /** How many events the session has in the journal. */
  readonly count: number;
  /** `after` of the next page; `null`: all steps are loaded. */
  readonly next: number | null;
  readonly complete: boolean;
};

/** How many steps of one session are kept in memory. */
const stepsMax = 5000;

export function withPage(known: Steps | null, page: SessionHistory): Steps {
  const before = known?.steps ?? [];
  const last = before.at(-1)?.seq ?? 0;
  const steps = [...before, ...page.steps.filter(({ seq }) => seq > last)];
  return {
    sessionId: page.sessionId,
    steps,
    count: page.events.count,
    next: steps.length >= stepsMax ? null : page.next,
    complete: page.complete,
  };
}

/** The index of the last step at or before `seq`; 0 when all come after it; -1 when there is no step. */
export function placeOfSeq(steps: readonly HistoryStep[], seq: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return steps.length === 0 ? -1 : Math.max(0, low - 1);
}

/**
 * How long playing shows a step, ms: as long as it took then, within bounds that let the user see it without waiting.
 */
export function playDelayMs(steps: readonly HistoryStep[], place: number, speed: number): number {
  const here = steps[place];
  const next = steps[place + 1];
  if (here === undefined || next === undefined) return 0;
  return Math.min(1500, Math.max(250, next.at - here.at)) / speed;
}

/** Why a step shows no actors; `null`: the step is not known yet. */
export function noActorText(basis: HistoryStep['basis'] | null): string {
  return basis === 'recorded' ? 'The actors of this step are not known.' : 'No actor was there at this step.';
}
