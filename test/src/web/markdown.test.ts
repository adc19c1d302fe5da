/** Markdown that grows: whatever the pieces, the settled blocks equal those of the whole text. */
import fc from 'fast-check';
import type { Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { withoutEntities } from '../../../src/web/markdown/entity.ts';
import { codePieces } from '../../../src/web/markdown/highlight-pieces.ts';
import { linkAddress } from '../../../src/web/markdown/link-address.ts';
import { GrowingMarkdown, sliceUnits } from '../../../src/web/markdown/markdown-blocks.ts';
import { blocksOf, depthMax } from '../../../src/web/markdown/markdown-lexer.ts';

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
  '$$x^2$$',
  'costs $5 and $x$',
  '\\[ y',
  'z \\]',
  '[^a]: a note',
  'of [^a]',
  '- [x] done',
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
          expect(drawn(reader.grown(part))).toEqual(drawn(blocksOf(part)));
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
      expect(drawn(reader.grown(part))).toEqual(drawn(blocksOf(part)));
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
    expect(reader.ended(text)).toEqual(blocksOf(text));
    expect(JSON.stringify(reader.ended(text))).toContain('"href":"https://a.example"');
  });

  it('[WEB4] reads a text anew that is not continued', () => {
    const reader = new GrowingMarkdown();
    reader.grown('One\n\nTwo\n\nThree');
    expect(drawn(reader.grown('Other'))).toEqual(drawn(blocksOf('Other')));
  });
});

describe('long Markdown', () => {
  /** The blocks of a whole text, read slice by slice, and the number of slices. */
  function readInSlices(text: string) {
    const reader = new GrowingMarkdown();
    for (let slices = 1; ; slices++) {
      const { blocks, isWhole } = reader.readOn(text, true);
      if (isWhole) return { blocks: drawn(blocks), slices };
      // Each call reads on.
      expect(slices).toBeLessThan(1000);
    }
  }

  it('[WEB4] has in slices the blocks that it has when it is read at once', () => {
    fc.assert(
      fc.property(text, (unit) => {
        const long = `${unit}\n\n`.repeat(Math.ceil((3 * sliceUnits) / (unit.length + 2)));
        // Blocks that go on without end are ended; those of this test do not, unless they are one list.
        const whole = drawn(blocksOf(long.replace(/\r\n?/g, '\n')));
        fc.pre(whole.length > 30 && whole.every(({ raw }) => raw.length < sliceUnits));
        const { blocks, slices } = readInSlices(long);
        expect(blocks.length).toBe(whole.length);
        expect(blocks).toEqual(whole);
        expect(slices).toBeGreaterThan(1);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['paragraphs', 'These are words.\n\n'],
    ['one line', 'These are words. '],
    ['one list', '- item\n'],
    ['one quotation', '> said\n'],
    ['one table', '| a | b |\n|---|---|\n'],
    ['marks', '**a '],
    ['definitions', '[a]: b\n'],
    ['code', '    indented\n'],
  ])('[WEB4] is read in as many more slices as it is longer, and loses nothing: %s', (_, unit) => {
    const of = (units: number) => readInSlices(unit.repeat(Math.floor(units / unit.length)));
    const [one, two] = [of(80_000), of(160_000)];
    expect(one.slices).toBeGreaterThan(1);
    expect(two.slices).toBeLessThanOrEqual(3 * one.slices);
    const letters = (blocks: readonly Token[]) =>
      blocks
        .map(({ raw }) => raw)
        .join('')
        .replaceAll('\n', '').length;
    const lost = Math.floor(160_000 / unit.length) * unit.replaceAll('\n', '').length - letters(two.blocks);
    expect(lost).toBe(0);
  });

  it('[WEB4] reaches links with a definition at the end', () => {
    const words = 'These are words, see [this][a].\n\n'.repeat(1000);
    const { blocks, slices } = readInSlices(`${words}[a]: https://a.example\n`);
    expect(slices).toBeGreaterThan(1);
    expect(JSON.stringify(blocks[0])).toContain('"href":"https://a.example"');
  });

  it('[WEB4] is read anew when it is not continued', () => {
    const reader = new GrowingMarkdown();
    reader.readOn('One\n\n'.repeat(10_000), true);
    expect(drawn(reader.readOn('Other', true).blocks)).toEqual(drawn(blocksOf('Other')));
    expect(reader.readOn('Two\n\n'.repeat(10_000), true).blocks[0]?.raw).toContain('Two');
  });
});

/** The greatest number of blocks and marks inside one another. */
function depthOf(tokens: readonly Token[]): number {
  let deepest = 0;
  const open: { readonly token: Token; readonly depth: number }[] = tokens.map((token) => ({
    token,
    depth: 1,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    deepest = Math.max(deepest, depth);
    const inner: readonly Token[] = [
      ...('tokens' in token ? (token.tokens ?? []) : []),
      ...('items' in token ? token.items : []),
    ];
    for (const one of inner) open.push({ token: one, depth: depth + 1 });
  }
  return deepest;
}

describe('bad Markdown', () => {
  const mark = fc.constantFrom(
    ...[
      '>',
      '> ',
      '- ',
      '1. ',
      '*',
      '**a ',
      '_',
      '~a ',
      '`',
      '[',
      '![',
      '](b)',
      '<',
      '<!--',
      '\\(',
      '$',
      '$$',
      '$a ',
    ],
    ...[
      'a@',
      'http://a.b ',
      'www.',
      '&#',
      '|',
      '|a|\n|-|\n',
      '[^a]',
      '[^a]: b\n',
      '    ',
      '\t',
      '\n',
      '\n\n',
      '```\n',
      'a',
    ],
  );

  it('[WEB4] never stops it, never nests without end, and is read in bounded time, up to 200,000 characters', () => {
    fc.assert(
      fc.property(fc.array(mark, { minLength: 1, maxLength: 4 }), fc.array(mark), (repeated, behind) => {
        const unit = repeated.join('');
        const text = unit.repeat(Math.ceil(200_000 / unit.length)).slice(0, 200_000) + behind.join('');
        // The page shows the first lines alone.
        const shown = text.split('\n', 4000).join('\n');
        // Others use the machine: only the time for which this thread had a processor counts.
        const before = process.threadCpuUsage();
        const tokens = blocksOf(shown);
        const { user, system } = process.threadCpuUsage(before);
        expect(tokens.map(({ raw }) => raw).join('')).toHaveLength(shown.length);
        // A list, its items and what they hold are three tokens a level.
        expect(depthOf(tokens)).toBeLessThanOrEqual(3 * depthMax);
        // Without its bounds it takes minutes.
        expect((user + system) / 1000).toBeLessThan(2500);
      }),
      { numRuns: 40 },
    );
  });

  it('[WEB4] nests 24 deep and no deeper, with all its text', () => {
    for (const [unit, inner] of [
      ['> ', 'text'],
      ['- ', 'text'],
    ] as const) {
      const tokens = blocksOf(unit.repeat(1000) + inner);
      expect(depthOf(tokens)).toBeGreaterThan(depthMax - 2);
      expect(depthOf(tokens)).toBeLessThanOrEqual(3 * depthMax);
      expect(JSON.stringify(tokens)).toContain(inner);
    }
  });
});

describe('Markdown of models', () => {
  /** As a plain list: the reader's own has its definitions, too. */
  const read = (text: string) => [...blocksOf(text)];
  const typesOf = (text: string) => {
    const [block] = blocksOf(text);
    return block !== undefined && 'tokens' in block
      ? block.tokens?.map(({ type, raw }) => `${type} ${raw}`)
      : [];
  };

  it('[WEB4] has formulas between dollars and behind backslashes, and prices', () => {
    expect(typesOf('a $x^2$ b')).toEqual(['text a ', 'math $x^2$', 'text  b']);
    expect(typesOf('a \\(x\\) b')).toEqual(['text a ', 'math \\(x\\)', 'text  b']);
    expect(typesOf('a $$x$$ b')).toEqual(['text a ', 'math $$x$$', 'text  b']);
    for (const text of ['$5 and $6', 'from $5,$6', '$ x $', 'US$', '$5', '$a\n\nb$'])
      expect([text, JSON.stringify(blocksOf(text)).includes('"type":"math')]).toEqual([text, false]);
    expect(read('$$\na\n= b\n$$')).toMatchObject([{ type: 'math-block', tex: 'a\n= b', isDisplay: true }]);
    expect(read('\\[\n- a\n\\]')).toMatchObject([{ type: 'math-block', tex: '- a' }]);
  });

  it('[WEB4] has footnotes', () => {
    expect(typesOf('See[^one].')).toEqual(['text See', 'footnote-reference [^one]', 'text .']);
    expect(read('[^one]: A *note*\n  with more\n\nafter')).toMatchObject([
      { type: 'footnote', label: 'one', tokens: [{ text: 'A ' }, { type: 'em' }, { text: '\nwith more' }] },
      { type: 'paragraph' },
    ]);
  });

  it('[WEB4] has code in pieces that are the code, each with the kind of its innermost element', () => {
    const inner = { type: 'text', value: 'b' };
    const element = (name: string, children: Parameters<typeof codePieces>[0]['children'] = []) => ({
      type: 'element',
      properties: { className: [`hljs-${name}`] },
      children,
    });
    const tree = {
      children: [{ type: 'text', value: 'a' }, element('string', [inner, element('subst', [inner])])],
    };
    expect(codePieces(tree)).toEqual([
      { text: 'a', kind: '' },
      { text: 'b', kind: 'string' },
      { text: 'b', kind: 'subst' },
    ]);
    expect(codePieces({ children: Array.from({ length: 20_001 }, () => inner) })).toBeUndefined();
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
