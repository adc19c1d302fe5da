/** Search terms as a pure function; `test/contract/session-search-contract.ts` shows what databases find by them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { searchSnippet } from '../../schema/search-snippet.ts';
import { indexTerms, isAmong, soughtTerms } from '../../schema/search-terms.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

describe('search terms', () => {
  it('[SRC2] any text is found by itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const terms = indexTerms(text);
        for (const sought of soughtTerms(text)) expect(isAmong(sought, terms)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('[SRC3] text in ASCII alone has the terms that it has among other text', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 200 });
    fc.assert(
      fc.property(ascii, (text) => {
        expect([...indexTerms(text), '字']).toEqual(indexTerms(`${text} 字`));
      }),
      { numRuns: 2000 },
    );
  });

  it('[SRC4] no term has a character that a database could read as more than text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const terms = [...indexTerms(text), ...soughtTerms(text).map((one) => one.text)];
        for (const term of terms) expect(term).toMatch(/^[\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+$/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('[SRC5] a long text and a long word are kept up to their bounds', () => {
    const word = 'x'.repeat(limits.searchTermCharactersMax * 2);
    expect(indexTerms(word)).toEqual(['x'.repeat(limits.searchTermCharactersMax)]);
    expect(isAmong(soughtTerms(word)[0] ?? { text: '', isPrefix: false }, indexTerms(word))).toBe(true);
    const long = Array.from({ length: 40_000 }, (_, n) => `${n}中文`).join(' ');
    for (const text of [long, 'ﷺ'.repeat(200_000)]) {
      expect(indexTerms(text).join(' ').length).toBeLessThanOrEqual(limits.searchTextUnitsMax);
    }
  });

  it('[SRC7] a snippet is short, well-formed, and shows what was found', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom('needle', '針'), (before, after, needle) => {
        const text = `${before.toWellFormed()} ${needle} ${after.toWellFormed()}`;
        const snippet = searchSnippet(text, soughtTerms(needle));
        expect(snippet).toContain(needle);
        expect(snippet.isWellFormed()).toBe(true);
        expect(snippet.length).toBeLessThanOrEqual(limits.searchSnippetUnitsMax + 3);
      }),
    );
    const run = '一'.repeat(5000);
    expect(searchSnippet(`${run}針山${run}`, soughtTerms('針山'))).toContain('針山');
  });
});
