/** Assembles text from pieces, each of which says where it begins (I4). */

export type Piece = {
  /** How many UTF-16 units precede it. */
  readonly offset: number;
  readonly text: string;
};

export type Continued =
  | { readonly kind: 'extended'; readonly text: string }
  /** The whole piece was there already: a repetition. */
  | { readonly kind: 'known' }
  /** Something between the text so far and this piece is missing. */
  | { readonly kind: 'gap' }
  /** The piece overlaps the text so far with different text. */
  | { readonly kind: 'contradiction' };

/** The text after a piece. Pieces may repeat, and may overlap the text so far; they must not leave a gap. */
export function continued(text: string, piece: Piece): Continued {
  if (piece.offset > text.length) return { kind: 'gap' };
  const end = later(text.slice(piece.offset), piece.text);
  if (end === undefined) return { kind: 'contradiction' };
  const next = text.slice(0, piece.offset) + end;
  return next.length === text.length ? { kind: 'known' } : { kind: 'extended', text: next };
}

/** The later of two states of a growing text: the longer one. `undefined` when neither begins with the other. */
export function later(one: string, other: string): string | undefined {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return long.startsWith(short) ? long : undefined;
}
