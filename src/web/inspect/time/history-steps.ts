/** The steps of a stored session that are loaded, and which of them is shown. */
import type { HistoryStep, SessionHistory } from '../../../../schema/session-history.ts';

export type Steps = {
  readonly sessionId: string;
  /** Neighbours, in the order of the journal. */
  readonly steps: readonly HistoryStep[];
  /** How many steps of the session come before them. */
  readonly offset: number;
  /** How many steps the session has. */
  readonly count: number;
  readonly complete: boolean;
};

/** How many steps of one session are kept in memory. */
const stepsMax = 2000;

/** `known` and the page together if they touch, else the page. Too many: those farthest from the page are dropped. */
export function withPage(known: Steps | null, page: SessionHistory): Steps {
  const { sessionId, complete, offset } = page;
  const alone = { sessionId, complete, offset, count: page.events.count, steps: page.steps };
  if (known === null || known.sessionId !== sessionId) return alone;
  const end = offset + page.steps.length;
  const knownEnd = known.offset + known.steps.length;
  if (offset > knownEnd || end < known.offset) return alone;
  const before = known.steps.slice(0, Math.max(0, offset - known.offset));
  const after = known.steps.slice(Math.max(0, end - known.offset));
  const steps = [...before, ...page.steps, ...after];
  const first = Math.min(offset, known.offset);
  const tooMany = Math.max(0, steps.length - stepsMax);
  return offset > known.offset
    ? { ...alone, steps: steps.slice(tooMany), offset: first + tooMany }
    : { ...alone, steps: steps.slice(0, stepsMax), offset: first };
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
