/**
 * Reads Markdown that grows, and long Markdown slice by slice. Text added to the last block can change only that block, so
 * earlier blocks are read once and keep their identity: each update reads and redraws only the last block.
 */
import type { Token } from 'marked';
import { blocksOf, type Definitions } from './markdown-lexer.ts';

/** What is read at once, UTF-16 units: a text that is not longer is read as a whole. */
export const sliceUnits = 8192;
/** A block that goes on for longer is ended, unless it is code, UTF-16 units: it would be read again with each slice. */
const openUnitsMax = 4 * sliceUnits;

export type ReadBlocks = {
  readonly blocks: readonly Token[];
  /** False: the text goes on behind the blocks, and is read on by the next call. */
  readonly isWhole: boolean;
};

export class GrowingMarkdown {
  #text = '';
  /** Blocks that further text cannot change, and how many units of text they cover. */
  #settled: Token[] = [];
  #settledUnits = 0;
  /** Blocks behind them. */
  #open: readonly Token[] = [];
  /** In a long text that has ended, those of all of it. */
  #known: Definitions | undefined;

  /** The blocks of a text that may still grow. Fast when it continues the previous text; correct in any case. */
  grown(given: string): readonly Token[] {
    // As the parser does it: the lengths that it reports refer to this text.
    const text = given.replace(/\r\n?/g, '\n');
    if (!text.startsWith(this.#text)) this.#restart();
    this.#text = text;
    const open = blocksOf(text.slice(this.#settledUnits), this.#known);
    for (const token of open.splice(0, settledCount(open))) this.#settle(token);
    this.#open = this.#bounded(open);
    return this.#blocks();
  }

  /** The blocks of a complete text: a definition at its end can now apply to links before it. */
  ended(text: string): readonly Token[] {
    return definition.test(text) ? blocksOf(text) : this.grown(text);
  }

  /**
   * Reads on in a text, by about a slice: call it again until all is read. A text that has ended is read as `ended` does
   * it if it is no longer than a slice; in a longer one, definitions apply wherever they stand, also within code.
   */
  readOn(given: string, hasEnded: boolean): ReadBlocks {
    const text = given.replace(/\r\n?/g, '\n');
    if (text.length <= sliceUnits) {
      return { blocks: hasEnded ? this.ended(text) : this.grown(text), isWhole: true };
    }
    if (!text.startsWith(this.#text)) this.#restart();
    if (hasEnded) this.#known ??= definitionsOf(text);
    // A block that is still open was read before: then more than a slice is read, or it would be read too often.
    const openUnits = this.#text.length - this.#settledUnits;
    const most = this.#text.length + Math.max(sliceUnits, openUnits);
    const lineEnd = text.lastIndexOf('\n', most) + 1;
    const end = most >= text.length ? text.length : lineEnd > this.#text.length ? lineEnd : most;
    const blocks = this.grown(text.slice(0, end));
    // What may still change is drawn when it does not any more, or it would be drawn with each slice.
    return end === text.length ? { blocks, isWhole: true } : { blocks: [...this.#settled], isWhole: false };
  }

  #blocks(): readonly Token[] {
    return [...this.#settled, ...this.#open];
  }

  #settle(token: Token): void {
    this.#settled.push(token);
    this.#settledUnits += token.raw.length;
  }

  /** What could not be read, and what does not end, is not read again: only its last line may go on. */
  #bounded(open: Token[]): readonly Token[] {
    const [first] = open;
    const units = this.#text.length - this.#settledUnits;
    const isUnread = first?.type === 'unread';
    if (isUnread ? units <= sliceUnits : units <= openUnitsMax) return open;
    if (open.at(-1)?.type === 'code') return open;
    for (const token of open) this.#settle(token);
    return [];
  }

  #restart(): void {
    this.#text = '';
    this.#settled = [];
    this.#settledUnits = 0;
    this.#open = [];
    this.#known = undefined;
  }
}

/** How much of what stands before a block is looked at, UTF-16 units. */
const tailUnits = 1000;

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
    // The end alone counts.
    raw = (raw + token.raw).slice(-tailUnits);
    if (block?.type !== 'list' && /\n[ \t]*\n$/.test(raw)) count = index + 1;
  }
  return count;
}

/** A line `[name]: address`. */
const definition = /^ {0,3}\[[^\]\n]+\]:/m;
/** Further ones of a long text apply to what stands behind them. */
const definitionsMax = 1000;
const definitionLines = /^ {0,3}\[[^\]\n]{1,999}\]:[^\n]*$/gm;

function definitionsOf(text: string): Definitions {
  const known: Definitions = Object.create(null);
  const lines = text.match(definitionLines)?.slice(0, definitionsMax);
  if (lines !== undefined) blocksOf(lines.join('\n'), known);
  return known;
}
