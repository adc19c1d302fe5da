import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, rehearsalPieces } from '../../../src/engines/rehearsal-text.ts';

function take(seed: string, count: number): string[] {
  const pieces = rehearsalPieces(seed);
  return Array.from({ length: count }, () => pieces.next().value);
}

describe('rehearsal text', () => {
  it('[REH1] is decided by the seed, well formed, and closes its Markdown marks within a piece', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 300 }), (seed, count) => {
        const pieces = take(seed, count);
        expect(pieces).toEqual(take(seed, count));
        for (const piece of pieces) {
          expect(piece.isWellFormed()).toBe(true);
          expect((piece.match(/\*\*|`/g) ?? []).length % 2).toBe(0);
          expect(piece).not.toBe('');
        }
      }),
    );
  });

  it('[REH1] reads as prose with some Markdown', () => {
    const text = take('How do lighthouses work?', 400).join('');
    expect(text).toMatch(/^[A-Z]/);
    expect(text).toMatch(/\n\n## [A-Z]/);
    expect(text).toMatch(/\n- /);
    expect(text).toMatch(/lighthouses/);
    expect(text).not.toMatch(/ {2}|undefined| a [aeiou]/);
  });

  it('[REH2] cuts any text into pieces that concatenate to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(piecesOf(text).join('')).toBe(text);
      }),
    );
  });
});
