/** Snippets of found messages: their words without the marks of Markdown, and nothing else lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snippetWords } from '../../../../src/web/chat/snippet-words.ts';

describe('the words of a snippet', () => {
  it.each([
    ['## A **bold** head', 'A bold head'],
    ['- one\n- [x] two\n1. three', 'one two three'],
    ['> said `code` and ~~gone~~', 'said code and gone'],
    ['see [this page](https://a.example/x) and ![a cat](cat.png).', 'see this page and a cat.'],
    ['```ts\nconst snake_case = 2 * 3;\n```', 'const snake_case = 2 * 3;'],
    ['| a | b |\n|---|:-:|\n| 1 | 2 |', '| a | b | | 1 | 2 |'],
    ['… cut **in the middle', '… cut in the middle'],
    ['_all_ of ***it***, __init__ too', 'all of it, init too'],
    ['no marks: 5 - 3, a_b, C#, #1', 'no marks: 5 - 3, a_b, C#, #1'],
  ])('[WEB18] shows %j as words', (text, words) => {
    expect(snippetWords(text)).toBe(words);
  });

  it('[WEB18] keeps every letter and digit of a text without links, fences and numbers of items', () => {
    const piece = fc.constantFrom(
      'a',
      'b1',
      ' ',
      '*',
      '**',
      '_',
      '`',
      '> ',
      '# ',
      '- ',
      '\n',
      'ش',
      '😀',
      '.',
      '|',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        fc.pre(!/`{3,}/.test(text));
        const letters = (of: string) => of.replace(/[^\p{L}\p{N}]/gu, '');
        expect(letters(snippetWords(text))).toBe(letters(text));
      }),
    );
  });
});
