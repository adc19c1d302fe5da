/**
 * Reads Markdown as blocks: whatever the text, it returns, with bounded depth and in bounded time. What lies deeper, or
 * costs more, stays plain text.
 */
import { Lexer, Marked, type MarkedToken, type Token, Tokenizer, type Tokens, type TokensList } from 'marked';
import { type FootnoteToken, footnoteTokens } from './footnote-tokens.ts';
import { type MathToken, mathTokens } from './math-tokens.ts';

/** What was not read: it is shown as it was written. */
export type UnreadToken = { readonly type: 'unread'; readonly raw: string };
export type MarkdownToken = MarkedToken | MathToken | FootnoteToken | UnreadToken;
/** Addresses by name, as `[name]: address` defines them. */
export type Definitions = Lexer['tokens']['links'];

/** Quotations, lists and emphasis inside one another. */
export const depthMax = 24;
/** A longer paragraph, item or cell stays plain: some marks cost the square of its length. UTF-16 units. */
const inlineUnitsMax = 8000;
/** A longer text above a line of `=` or `-` is no heading, UTF-16 units. */
const underlinedUnitsMax = 1000;
/**
 * Of one call: what stands behind each of its blocks, together, UTF-16 units. Each block can make the reader look through it
 * all; the limit is reached in about 80 ms by the worst texts known, and by no slice of a usual one. A clock would find
 * fault with a good text while the device is busy.
 */
const soughtUnitsMax = 80_000_000;
/** Of one call; see {@link workOf}. It is reached in about 30 ms by the worst texts known, and by no usual one. */
const workMax = 600_000;

const { defaults } = new Marked({ extensions: [...mathTokens, ...footnoteTokens] });

/**
 * The blocks of a text. `known`: definitions that stand elsewhere; those of the text are added to it. If it has too
 * many, all of the text is one token `unread`.
 */
export function blocksOf(text: string, known?: Definitions): Token[] {
  try {
    const lexer = new BoundedLexer({ ...defaults, tokenizer: new BoundedTokenizer() });
    if (known !== undefined) lexer.tokens.links = known;
    return lexer.lex(text);
  } catch {
    // The reader may have a fault, too: that costs the look of this text, not the text.
    return [{ type: 'unread', raw: text }];
  }
}

class BoundedTokenizer extends Tokenizer {
  #soughtUnits = 0;

  /** It is asked first at each block. */
  override space(src: string): Tokens.Space | undefined {
    this.#soughtUnits += src.length;
    if (this.#soughtUnits > soughtUnitsMax)
      throw new Error('The text has too many blocks to be read at once');
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
