/** Makes the reason of a failure fit for the store and for clients: providers and tools may send any text. */
import { limits } from '../schema/limits.ts';
import { cutText } from '../schema/preview.ts';
import { storableText } from '../schema/text.ts';

/** Replaces NUL and lone surrogates, and cuts to `failureReasonUnitsMax` (SPEC [TXT6]). */
export function failureReason(text: string): string {
  return storableText(cutText(text, limits.failureReasonUnitsMax));
}

/** The reason for a thrown value. */
export function reasonOf(error: unknown): string {
  return failureReason(error instanceof Error ? error.message : String(error));
}
