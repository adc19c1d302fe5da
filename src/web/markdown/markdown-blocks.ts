/**
 * Reads Markdown that grows. What is written into the last block can change that block alone, so those before it are
 * read once and keep their identity: a frame costs what its last block costs, and the page redraws no more.
 */
import { lexer, type Token, type TokensList } from 'marked';

export class GrowingMarkdown {
  #text = '';
  /** Blocks that no more text can change, and where they end. */
  #settled: Token[] = [];
  #settledUnits = 0;

  /** The blocks of a text that more may follow. Fast when it continues the one before; right in any case. */
  grown(text: string): readonly Token[] {
    if (!text.startsWith(this.#text)) this.#restart();
    this.#text = text;
    const open = lexer(text.slice(this.#settledUnits));
    let last = open.length - 1;
    // A blank line at the end may turn out to lie inside of the list before it.
    while (last > 0 && open[last]?.type === 'space') last--;
    for (const token of open.splice(0, Math.max(0, last))) {
      this.#settled.push(token);
      this.#settledUnits += token.raw.length;
    }
    return [...this.#settled, ...open];
  }

  #restart(): void {
    this.#settled = [];
    this.#settledUnits = 0;
  }
}

/** The blocks of a text that has ended. Only now can a definition at its end reach links before it. */
export function markdownBlocks(text: string): TokensList {
  return lexer(text);
}
