/** Long texts in pieces: together they are the text, each is short, and no character is cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textPieces } from '../../../../src/web/design/text-pieces.ts';

const unit = fc.constantFrom(
  'a',
  'word ',
  '\n',
  '\n\n',
  ' ',
  '😀',
  '👩‍👩‍👧‍👦',
  'a\u0301',
  '\r\n',
  'س',
  '\u202e',
);
const text = fc
  .tuple(fc.array(unit, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 20_000 }))
  .map(([units, length]) =>
    units
      .join('')
      .repeat(1 + length / units.length)
      .slice(0, 40_000)
      .toWellFormed(),
  );

describe('a long text in pieces', () => {
  it('[WEB30] is whole again when the pieces are put together, and each is short', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = textPieces(whole);
        let at = 0;
        for (const piece of pieces) {
          if (at > 0 && !whole.startsWith(piece, at)) expect.fail('a piece is not the text');
          at += piece.length;
          // The line break between two pieces belongs to neither.
          if (whole[at] === '\n' && at < whole.length) at++;
          expect(piece.length).toBeLessThanOrEqual(4200);
          expect(piece.split('\n').length).toBeLessThanOrEqual(101);
          expect(piece.isWellFormed()).toBe(true);
        }
        expect(at).toBe(whole.length);
      }),
    );
  });

  it('[WEB30] is one piece if it is short', () => {
    for (const short of ['', 'a', 'a\nb\n', '\n', 'a '.repeat(1999)])
      expect(textPieces(short)).toEqual([short]);
  });

  it('[WEB30] is broken between words, and a family stays together', () => {
    const words = textPieces('word '.repeat(4000));
    expect(words.every((piece) => piece.endsWith('word '))).toBe(true);
    const families = textPieces('👩‍👩‍👧‍👦'.repeat(2000));
    expect(families.length).toBeGreaterThan(1);
    expect(families.every((piece) => piece.startsWith('👩‍👩‍👧‍👦') && piece.endsWith('👦'))).toBe(true);
  });
});
