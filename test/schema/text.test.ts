/** Text functions compared with the language's own: generated texts of any UTF-16 units. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterCount, isHighSurrogate, isLowSurrogate, storableText } from '../../schema/text.ts';
import { boundedText } from '../../schema/validation.ts';
import { anyText } from '../arbitraries/texts.ts';

describe('text', () => {
  it('[TXT3] is counted in characters, a lone surrogate as one', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(characterCount(text)).toBe([...text].length);
      }),
      { numRuns: 1000 },
    );
    expect(characterCount('👩‍👩‍👧')).toBe(5);
  });

  it('[TXT1] [TXT2] is storable once it was made so, and only then changed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const storable = storableText(text);
        expect(storable.isWellFormed()).toBe(true);
        expect(storable).not.toContain('\0');
        expect(storableText(storable)).toBe(storable);
        expect(characterCount(storable)).toBe(characterCount(text));
        if (text.isWellFormed() && !text.includes('\0')) expect(storable).toBe(text);
        expect(new TextDecoder().decode(new TextEncoder().encode(storable))).toBe(storable);
      }),
      { numRuns: 1000 },
    );
  });

  it('[TXT2] [TXT3] is taken from clients within its bounds in characters and without NUL, and refused otherwise', () => {
    const schema = boundedText({ charactersMin: 1, charactersMax: 6 });
    fc.assert(
      fc.property(anyText, (text) => {
        const count = characterCount(text);
        const parsed = schema.safeParse(text);
        expect(parsed.success).toBe(count >= 1 && count <= 6 && !text.includes('\0'));
        if (parsed.success) expect(parsed.data).toBe(storableText(text));
      }),
      { numRuns: 500 },
    );
  });

  it('[TXT1] halves of pairs are those from U+D800 to U+DBFF, and from U+DC00 to U+DFFF', () => {
    const units = [0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000];
    expect(units.map(isHighSurrogate)).toEqual([false, true, true, false, false, false]);
    expect(units.map(isLowSurrogate)).toEqual([false, false, false, true, true, false]);
    expect(['', '\ud83c', '\udfad', '\ud83c\udfad', '\udfad\ud83c'].map(characterCount)).toEqual([
      0, 1, 1, 1, 2,
    ]);
  });
});
