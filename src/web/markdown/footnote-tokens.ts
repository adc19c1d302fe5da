/** Footnotes in Markdown: `[^name]` refers to the line `[^name]: text`, and to the indented lines below it. */
import type { Token, TokenizerExtension } from 'marked';

export type FootnoteToken =
  | { readonly type: 'footnote-reference'; readonly raw: string; readonly label: string }
  | {
      readonly type: 'footnote';
      readonly raw: string;
      readonly label: string;
      readonly tokens: readonly Token[];
    };

const note = /^ {0,3}\[\^([^\]\s[]{1,64})\]:[ \t]*([^\n]*(?:\n[ \t]+[^\s][^\n]*)*)(?:\n|$)/;
const reference = /^\[\^([^\]\s[]{1,64})\](?!:)/;

export const footnoteTokens: readonly TokenizerExtension[] = [
  {
    name: 'footnote',
    level: 'block',
    tokenizer(src) {
      const [raw, label = '', text = ''] = note.exec(src) ?? [];
      if (raw === undefined) return undefined;
      const tokens: Token[] = [];
      this.lexer.inline(text.replace(/\n[ \t]+/g, '\n'), tokens);
      return { type: 'footnote', raw, label, tokens };
    },
  },
  {
    name: 'footnote-reference',
    level: 'inline',
    tokenizer(src) {
      const [raw, label = ''] = reference.exec(src) ?? [];
      return raw === undefined ? undefined : { type: 'footnote-reference', raw, label };
    },
  },
];
