/**
 * Parses Markdown that grows. Text added to the last block can change only that block, so earlier blocks are parsed
 * once and keep their identity: each update parses and redraws only the last block.
 */
import type { Token } from 'marked';
import { blocksOf } from './markdown-lexer.ts';

export class GrowingMarkdown {
  #text = '';
  /** Blocks that further text cannot change, and how many units of text they cover. */
  #settled: Token[] = [];
  #settledUnits = 0;

  /** The blocks of a text that may still grow. Fast when it continues the previous text; correct in any case. */
  grown(given: string): readonly Token[] {
    // As the parser does it: the lengths that it reports refer to this text.
    const text = given.replace(/\r\n?/g, '\n');
    if (!text.startsWith(this.#text)) this.#restart();
    this.#text = text;
    const open = blocksOf(text.slice(this.#settledUnits));
    for (const token of open.splice(0, settledCount(open))) {
      this.#settled.push(token);
      this.#settledUnits += token.raw.length;
    }
    return [...this.#settled, ...open];
  }

  /** The blocks of a complete text: a definition at its end can now apply to links before it. */
  ended(text: string): readonly Token[] {
    return definition.test(text) ? blocksOf(text) : this.grown(text);
  }

  #restart(): void {
    this.#settled = [];
    this.#settledUnits = 0;
  }
}

/**
 * How many of the first tokens further text cannot change. Once a block has begun after a blank line, the blocks
 * before the line are final; without a blank line, a table's first row may turn out to belong to the paragraph
 * before. A list becomes final only together with the block behind it: `2` may become the next item, `2.`.
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

/** A line `[name]: address`. */
const definition = /^ {0,3}\[[^\]\n]+\]:/m;
