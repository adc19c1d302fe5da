/** Growing text compared with plain strings: any value may be appended to, even one that was appended to before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appended, emptyText, type GrowingText, joined } from '../../machines/growing-text.ts';
import { pieceText } from '../arbitraries/texts.ts';

const growths = fc.array(fc.record({ from: fc.nat(50), newest: fc.boolean(), piece: pieceText }), {
  maxLength: 40,
});

describe('growing text', () => {
  it('[MSG6] is what its pieces say, whatever was grown from it or beside it', () => {
    fc.assert(
      fc.property(growths, (steps) => {
        const values: { readonly text: GrowingText; readonly pieces: readonly string[] }[] = [
          { text: emptyText, pieces: [] },
        ];
        for (const { from, newest, piece } of steps) {
          const value = values[newest ? values.length - 1 : from % values.length];
          if (value === undefined) throw new Error('no value to grow');
          values.push({ text: appended(value.text, piece), pieces: [...value.pieces, piece] });
        }
        for (const { text, pieces } of values) {
          expect(joined(text)).toBe(pieces.join(''));
          expect(text.units).toBe(pieces.join('').length);
          expect(text.count).toBe(pieces.length);
          for (let from = 0; from <= pieces.length; from++)
            expect(joined(text, from)).toBe(pieces.slice(from).join(''));
        }
        expect(joined(emptyText)).toBe('');
      }),
      { numRuns: 300 },
    );
  });

  it('shares its pieces while only its newest value grows, so growing stays cheap', () => {
    const one = appended(emptyText, 'a');
    const two = appended(one, 'b');
    expect(two.pieces).toBe(one.pieces);
    expect(appended(one, 'c').pieces).not.toBe(one.pieces);
  });
});
