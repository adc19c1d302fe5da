/**
 * Reads Markdown as blocks: whatever the text, it returns, with bounded depth and in bounded time. What lies deeper, or
 * costs more, stays plain text.
 */
import { Lexer, Marked, type MarkedToken, type Token, Tokenizer, type Tokens, type TokensList } from 'marked';
import { type FootnoteToken, footnoteTokens } from './footnote-tokens.ts';
import { type MathToken, mathTokens } from './math-tokens.ts';

export type MarkdownToken = MarkedToken | MathToken | FootnoteToken;

/** Quotations, lists and emphasis inside one another. */
export const depthMax = 24;
/** A longer paragraph, item or cell stays plain: some marks cost the square of its length. UTF-16 units. */
const inlineUnitsMax = 8000;
/** A longer text above a line of `=` or `-` is no heading, UTF-16 units. */
const underlinedUnitsMax = 1000;
/** How long a text may take, ms, whatever it is. One that takes longer is shown as it was written. */
const readMsMax = 100;
/** Of a text; see {@link workOf}. It is reached in about 100 ms by the worst texts known, and by no usual one. */
const workMax = 2_000_000;

const { defaults } = new Marked({ extensions: [...mathTokens, ...footnoteTokens] });

/** The blocks of a whole text. */
export function blocksOf(text: string): Token[] {
  try {
    return new BoundedLexer({ ...defaults, tokenizer: new BoundedTokenizer() }).lex(text);
  } catch {
    // It took too long, or the reader has a fault: that costs the look of this text, not the text.
    return [{ type: 'paragraph', raw: text, text, tokens: [plain(text)] }];
  }
}

class BoundedTokenizer extends Tokenizer {
  readonly #end = performance.now() + readMsMax;

  /** It is asked first at each block. */
  override space(src: string): Tokens.Space | undefined {
    if (performance.now() > this.#end) throw new Error('The text takes too long to read');
    return super.space(src);
  }

  /** A line of `=` or `-` below a text is looked for at every line, so not through the whole text. */
  override lheading(src: string): Tokens.Heading | undefined {
    const found = super.lheading(src.slice(0, underlinedUnitsMax));
    if (found?.raw.length !== underlinedUnitsMax) return found;
    // It may be longer than what was read. Its text must not be read as a heading's.
    this.lexer.inlineQueue.pop();
    return undefined;
  }
}

class BoundedLexer extends Lexer {
  #depth = 0;
  #work = 0;

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(
    src: string,
    tokens: Token[] | TokensList = [],
    lastParagraphClipped?: boolean,
  ): Token[] | TokensList {
    if (this.#depth >= depthMax) {
      tokens.push(plain(src));
      return tokens;
    }
    this.#depth++;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#depth--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    this.#work += src.length > inlineUnitsMax ? 0 : workOf(src);
    if (this.#depth >= depthMax || src.length > inlineUnitsMax || this.#work > workMax) {
      tokens.push(plain(src));
      return tokens;
    }
    this.#depth++;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#depth--;
    }
  }
}

/** What it may cost: each mark that may begin something can make the reader look through the rest of the text. */
function workOf(src: string): number {
  const marks = src.match(/[*_~`[<@$\\:]/g)?.length ?? 0;
  return 40 + src.length * (1 + marks / 16);
}

function plain(text: string): Token {
  return { type: 'text', raw: text, text, escaped: false };
}
