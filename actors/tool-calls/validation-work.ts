/**
 * How much work the check of one value may cost. A schema of a few hundred characters can ask for hours (a pattern over
 * a long text, references that double at each level), so whatever repeats is counted, and the check is given up when
 * the count is over. The check is synchronous: one count serves one check at a time.
 */
import { limits } from '../../schema/limits.ts';

/** The check would take too long. */
export class ValidationTooLong extends Error {
  override readonly name = 'ValidationTooLong';
}

let left = Number.POSITIVE_INFINITY;

/** Runs `check` with a fresh count. Rejects what `check` throws, {@link ValidationTooLong} included. */
export function withinWork<Value>(check: () => Value): { readonly value: Value; readonly work: number } {
  left = limits.validationWorkMax;
  try {
    const value = check();
    return { value, work: limits.validationWorkMax - left };
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

/** Counts work; throws {@link ValidationTooLong} when there was too much. */
export function spend(work: number): void {
  left -= work;
  if (left < 0) throw new ValidationTooLong('the check of the arguments takes too long');
}
