/** Why something failed, fit for the store and the wire: providers and tools write what they like. */
import { limits } from '../schema/limits.ts';
import { cutText } from '../schema/preview.ts';
import { storableText } from '../schema/text.ts';

/** Without NUL and lone surrogates, cut to `failureReasonUnitsMax` (SPEC [TXT6]). */
export function failureReason(text: string): string {
  return storableText(cutText(text, limits.failureReasonUnitsMax));
}

/** The wording for what was thrown. */
export function reasonOf(error: unknown): string {
  return failureReason(error instanceof Error ? error.message : String(error));
}
