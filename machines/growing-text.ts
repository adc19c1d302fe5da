/**
 * Text that only grows. Each value is a fixed view of a shared array of pieces, so appending costs O(1) and an old
 * value stays valid: it counts only its own pieces. Appending to the same value twice copies the array.
 *
 * The context of an answer actor owns the characters of its answer and reasoning, for as long as the actor lives. The
 * gateway keeps no second copy of these characters: `src/gateway/stream/in-flight.ts` refers to them, and
 * `src/gateway/stream/kept-partials.ts` holds frames encoded from them.
 */

export type GrowingText = {
  readonly pieces: string[];
  /** How many of `pieces` belong to this value. */
  readonly count: number;
  /** UTF-16 units of the text. */
  readonly units: number;
};

export const emptyText: GrowingText = { pieces: [], count: 0, units: 0 };

export function appended(text: GrowingText, piece: string): GrowingText {
  const isNewest = text.count > 0 && text.pieces.length === text.count;
  const pieces = isNewest ? text.pieces : text.pieces.slice(0, text.count);
  pieces.push(piece);
  return { pieces, count: text.count + 1, units: text.units + piece.length };
}

/** The text from piece number `from` on. */
export function joined(text: GrowingText, from = 0): string {
  return text.pieces.slice(from, text.count).join('');
}
