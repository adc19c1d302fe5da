/**
 * Reads Markdown that grows. What is written into the last block can change that block alone, so those before it are
 * read once and keep their identity: a frame costs what its last block costs, and the page redraws no more.
 */
import { lexer, type Token } from 'marked';

export class GrowingMarkdown {
  #text = '';
  /** Blocks that no more text can change, and where they end. */
  #settled: Token[] = [];
  #settledUnits = 0;

  /** The blocks of a text that more may follow. Fast when it continues the one before; right in any case. */
  grown(given: string): readonly Token[] {
    // As the reader does it: what it says of a block's length is of this text.
    const text = given.replace(/\r\n?/g, '\n');
    if (!text.startsWith(this.#text)) this.#restart();
    this.#text = text;
    const open = lexer(text.slice(this.#settledUnits));
    for (const token of open.splice(0, settledCount(open))) {
      this.#settled.push(token);
      this.#settledUnits += token.raw.length;
    }
    return [...this.#settled, ...open];
  }

  /** The blocks of a text that has ended: only now can a definition at its end reach links before it. */
  ended(text: string): readonly Token[] {
    return definition.test(text) ? lexer(text) : this.grown(text);
  }

  #restart(): void {
    this.#settled = [];
    this.#settledUnits = 0;
  }
}

/**
 * How many of the first tokens no more text can change. A blank line parts blocks for good once a block has begun after
 * it; without one, a table's first row may turn out to belong to the paragraph before. A list is not over before the
 * block behind it is: `2` may become the next item, `2.`.
 */
function settledCount(tokens: readonly Token[]): number {
  const last = tokens.findLastIndex(({ type }) => type !== 'space');
  let count = 0;
  let block: Token | undefined;
  let raw = '';
  for (const [index, token] of tokens.slice(0, last).entries()) {
    if (token.type !== 'space') block = token;
    raw += token.raw;
    if (block?.type !== 'list' && /\n[ \t]*\n$/.test(raw)) count = index + 1;
  }
  return count;
}

/** `[name]: address`, on a line of its own. */
const definition = /^ {0,3}\[[^\]\n]+\]:/m;
