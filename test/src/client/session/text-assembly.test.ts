/** Goal: a text assembled from pieces is right, or known to be wrong; never silently wrong (I4). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { continued, later } from '../../../../src/client/session/text-assembly.ts';
import { requestedCases } from '../../../effort.ts';

describe('text in pieces', () => {
  it('[CLT3] goes on, ignores what it has, and sees gaps and contradictions', () => {
    expect(continued('Hel', { offset: 3, text: 'lo' })).toEqual({ kind: 'extended', text: 'Hello' });
    expect(continued('Hel', { offset: 2, text: 'llo' })).toEqual({ kind: 'extended', text: 'Hello' });
    expect(continued('Hello', { offset: 1, text: 'el' })).toEqual({ kind: 'known' });
    expect(continued('Hello', { offset: 5, text: '' })).toEqual({ kind: 'known' });
    expect(continued('Hel', { offset: 4, text: 'o' })).toEqual({ kind: 'gap' });
    expect(continued('Hel', { offset: 1, text: 'allo' })).toEqual({ kind: 'contradiction' });
    expect(continued('Hello', { offset: 1, text: 'al' })).toEqual({ kind: 'contradiction' });
  });

  it('[CLT3] is whole after any pieces that overlap or repeat, and never anything but a beginning before', () => {
    const cuts = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 60 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), cuts, (whole, pieces) => {
        let text = '';
        for (const [start, length] of pieces) {
          const offset = Math.min(start, whole.length);
          const next = continued(text, { offset, text: whole.slice(offset, offset + length) });
          expect(next.kind).toBe(
            offset > text.length
              ? 'gap'
              : offset + length > text.length &&
                  text.length < whole.length &&
                  whole.slice(offset, offset + length).length > text.length - offset
                ? 'extended'
                : 'known',
          );
          if (next.kind === 'extended') text = next.text;
          expect(whole.startsWith(text)).toBe(true);
        }
        const rest = continued(text, { offset: text.length, text: whole.slice(text.length) });
        expect(rest.kind === 'extended' ? rest.text : text).toBe(whole);
      }),
      { numRuns: requestedCases({ quick: 1000, full: 1000 }) },
    );
  });

  it('[CLT3] takes the longer of two states of a text', () => {
    expect(later('He', 'Hello')).toBe('Hello');
    expect(later('Hello', 'He')).toBe('Hello');
    expect(later('', '')).toBe('');
    expect(later('Hallo', 'Hello')).toBeUndefined();
  });
});
