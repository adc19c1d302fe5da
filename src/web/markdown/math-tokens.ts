/** Formulas in Markdown: `$…$` and `\(…\)` in a line, `$$…$$` and `\[…\]` on their own. A formula has no blank line. */
import type { TokenizerExtension } from 'marked';

export type MathToken = {
  readonly type: 'math' | 'math-block';
  readonly raw: string;
  readonly tex: string;
  /** On a line of its own. */
  readonly isDisplay: boolean;
};

/** Longer formulas stay text, UTF-16 units. */
export const formulaUnitsMax = 2000;

const within = String.raw`(?:(?!\n[ \t]*\n)[^])`;
const bound = `{1,${formulaUnitsMax}}?`;

const blockForms = [
  new RegExp(String.raw`^ {0,3}\$\$(${within}${bound})\$\$[ \t]*(?:\n|$)`),
  new RegExp(String.raw`^ {0,3}\\\[(${within}${bound})\\\][ \t]*(?:\n|$)`),
];

const inlineForms: readonly (readonly [form: RegExp, isDisplay: boolean])[] = [
  [new RegExp(String.raw`^\$\$(${within}${bound})\$\$`), true],
  [new RegExp(String.raw`^\\\[(${within}${bound})\\\]`), true],
  [new RegExp(String.raw`^\\\((${within}${bound})\\\)`), false],
  // Neither a price nor a range of prices: no space at either end, and no digit behind it. At most 2,000 units.
  [/^\$(?![\s$])((?:\\[^\n]|[^\n$\\`]){0,1999}?[^\s\\$`])\$(?![\d$])/, false],
];

export const mathTokens: readonly TokenizerExtension[] = [
  {
    name: 'math-block',
    level: 'block',
    tokenizer(src) {
      const found = firstOf(blockForms, src);
      return found && { type: 'math-block', raw: found.raw, tex: found.tex, isDisplay: true };
    },
  },
  {
    name: 'math',
    level: 'inline',
    // Text ends at each of these characters, so the search is short.
    start(src) {
      const at = src.search(/[$\\<![`*~_]/);
      return src[at] === '$' ? at : undefined;
    },
    tokenizer(src) {
      if (src[0] !== '$' && src[0] !== '\\') return undefined;
      for (const [form, isDisplay] of inlineForms) {
        const found = firstOf([form], src);
        if (found !== undefined) return { type: 'math', raw: found.raw, tex: found.tex, isDisplay };
      }
      return undefined;
    },
  },
];

function firstOf(forms: readonly RegExp[], src: string): { raw: string; tex: string } | undefined {
  for (const form of forms) {
    const [raw, tex = ''] = form.exec(src) ?? [];
    if (raw !== undefined && tex.trim() !== '') return { raw, tex: tex.trim() };
  }
  return undefined;
}
