/**
 * Numbers for the texts of statements, so that a thread is sent each text once. When there are too many, the text that
 * was used least recently gives its number to a new one.
 */
import { limits } from '../../../schema/limits.ts';
import type { TextNumber } from './thread-messages.ts';

type Use = { readonly text: TextNumber; lastUse: number };

/** One for each life of a thread, which knows no texts when it begins. Its messages must arrive in order. */
export class StatementNumbers {
  readonly #uses = new Map<string, Use>();
  #count = 0;

  /** The number of a text, with the text itself if it is new. */
  numberOf(sql: string): TextNumber {
    const known = this.#uses.get(sql);
    if (known !== undefined) {
      known.lastUse = ++this.#count;
      return known.text;
    }
    const number = this.#uses.size < limits.preparedStatementsMax ? this.#uses.size : this.#forgetOldest();
    this.#uses.set(sql, { text: { number }, lastUse: ++this.#count });
    return { number, sql };
  }

  /** Looks at all of them, which is less than to keep them in order at every use. */
  #forgetOldest(): number {
    let oldest = '';
    let found: Use = { text: { number: 0 }, lastUse: Number.POSITIVE_INFINITY };
    for (const [sql, use] of this.#uses) {
      if (use.lastUse >= found.lastUse) continue;
      oldest = sql;
      found = use;
    }
    this.#uses.delete(oldest);
    return found.text.number;
  }
}
