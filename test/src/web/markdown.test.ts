/** Markdown that grows: whatever the pieces, the settled blocks equal those of the whole text. */
import fc from 'fast-check';
import { lexer, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { withoutEntities } from '../../../src/web/markdown/entity.ts';
import { linkAddress } from '../../../src/web/markdown/link-address.ts';
import { GrowingMarkdown } from '../../../src/web/markdown/markdown-blocks.ts';

const line = fc.constantFrom(
  'text with **strong** and `code`',
  '# Heading',
  '- item',
  '  continued',
  '    - nested',
  '1. first',
  '2. second',
  '* star',
  '> quoted',
  '```ts',
  '```',
  '~~~',
  '| a | b |',
  '|---|---|',
  '| 1 | 2 |',
  '---',
  '===',
  '',
  '',
  '<div>',
  '</div>',
  '    indented',
  '\ttab',
  '$$',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom('\n', '\n', '\r\n'))
  .map(([lines, end]) => lines.join(end));

/** The blocks that are drawn: blank lines are not. */
const drawn = (tokens: readonly Token[]) => tokens.filter(({ type }) => type !== 'space');

describe('Markdown that grows', () => {
  it('[WEB4] has the blocks that it has when it is read at once, however it comes', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(400), { maxLength: 30 }), (whole, cuts) => {
        const reader = new GrowingMarkdown();
        for (const cut of [...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length]) {
          const part = whole.slice(0, cut);
          expect(drawn(reader.grown(part))).toEqual(drawn(lexer(part)));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a table whose second row shows that it was none', '  a\nb\n    - c\nd\n|---|---|'],
    ['a number that becomes an item of the list before it', '1. one\n\n2. two'],
    ['a star that becomes one', '* one\n\n* two\n\ntext'],
    ['a quotation that goes on', '> one\n\n> two\n\n> three\nfour'],
    ['code after a blank line', '    one\n\n    two\n\nthree'],
  ])('[WEB4] has the right blocks with %s', (_, whole) => {
    const reader = new GrowingMarkdown();
    for (let units = 1; units <= whole.length; units++) {
      const part = whole.slice(0, units);
      expect(drawn(reader.grown(part))).toEqual(drawn(lexer(part)));
    }
  });

  it('[WEB4] keeps the blocks before the last one as they are', () => {
    const reader = new GrowingMarkdown();
    const before = reader.grown('# One\n\nTwo\n\nThree');
    const after = reader.grown('# One\n\nTwo\n\nThree and more');
    expect(after.length).toBe(before.length);
    expect(before.map((token, index) => token === after[index])).toEqual([true, true, true, true, false]);
  });

  it('[WEB4] reaches links with a definition at the end, once the text has ended', () => {
    const text = 'See [this][a].\n\nMore.\n\n[a]: https://a.example\n';
    const reader = new GrowingMarkdown();
    reader.grown(text);
    expect(reader.ended(text)).toEqual(lexer(text));
    expect(JSON.stringify(reader.ended(text))).toContain('"href":"https://a.example"');
  });

  it('[WEB4] reads a text anew that is not continued', () => {
    const reader = new GrowingMarkdown();
    reader.grown('One\n\nTwo\n\nThree');
    expect(drawn(reader.grown('Other'))).toEqual(drawn(lexer('Other')));
  });
});

describe('what Markdown may not do', () => {
  it('[WEB4] link to what could run or read something', () => {
    for (const href of [
      'javascript:alert(1)',
      ' JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'file:///etc',
      'vbscript:x',
      '//host/x',
      '/local',
      'x',
    ]) {
      expect([href, linkAddress(href)]).toEqual([href, undefined]);
    }
    for (const href of ['https://a.example/x', 'http://a.example', 'mailto:a@b.example']) {
      expect(linkAddress(href)).toBe(href);
    }
  });

  it('[WEB4] references to characters are the characters', () => {
    expect(withoutEntities('&lt;b&gt; &amp;amp; &#65;&#x1F600; &nope; & &#0; &#xD800; &valueOf;')).toBe(
      '<b> &amp; A😀 &nope; & \ufffd \ufffd &valueOf;',
    );
  });
});
