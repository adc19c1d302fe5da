/**
 * Finds `[[ key=value … ]]` blocks in any text; `directives.ts` interprets them. A value that begins with `{` reaches
 * to its matching brace, with strings and escapes respected, so it may hold spaces, `]]` and nested braces; any other
 * value ends at white space or `]]` (SPEC [REH4]).
 */
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';

export type DirectivePair = { readonly key: string; readonly value: string };

export type DirectiveScan = {
  readonly pairs: readonly DirectivePair[];
  /** Violations of the grammar, each a clause without a full stop. */
  readonly problems: readonly string[];
  /** The text outside the blocks. */
  readonly plain: string;
  /** False when the text has no `[[` at all. */
  readonly present: boolean;
};

/** Reads all blocks of `text` in order. Accepts any text, in time linear in its length. */
export function scanDirectives(text: string): DirectiveScan {
  const pairs: DirectivePair[] = [];
  const problems: string[] = [];
  let at = text.indexOf('[[');
  const present = at !== -1;
  const plain: string[] = [];
  let plainStart = 0;
  while (at !== -1) {
    plain.push(text.slice(plainStart, at));
    const end = scanBlock(text, at + 2, pairs, problems);
    if (end === undefined) problems.push('a `[[` is never closed by `]]`');
    plainStart = end ?? text.length;
    at = text.indexOf('[[', plainStart);
  }
  plain.push(text.slice(plainStart));
  return { pairs, problems, plain: plain.join(' ').trim(), present };
}

/** Reads one block, starting after its `[[`; returns the position after its `]]`, or `undefined` when there is none. */
function scanBlock(
  text: string,
  start: number,
  pairs: DirectivePair[],
  problems: string[],
): number | undefined {
  let at = start;
  for (;;) {
    at = matchEnd(text, at, /\s*/y);
    if (text.startsWith(']]', at)) return at + 2;
    if (at >= text.length) return undefined;

    const keyEnd = matchEnd(text, at, /[A-Za-z_][\w-]*/y);
    if (keyEnd === at || text[keyEnd] !== '=') {
      const end = wordEnd(text, at);
      problems.push(`\`${shown(text.slice(at, end))}\` is not of the form key=value`);
      at = end;
      continue;
    }
    const key = text.slice(at, keyEnd);
    const valueStart = keyEnd + 1;
    if (text[valueStart] !== '{') {
      at = wordEnd(text, valueStart);
      pairs.push({ key, value: text.slice(valueStart, at) });
      continue;
    }
    const valueEnd = closingBraceEnd(text, valueStart);
    if (valueEnd === undefined) {
      // After an unbalanced brace it is unclear what belongs inside, so the scan ends here.
      problems.push(`the braces of \`${shown(key)}=\` are not balanced`);
      return text.length;
    }
    pairs.push({ key, value: text.slice(valueStart, valueEnd) });
    at = valueEnd;
  }
}

/** The position after the match of the sticky `pattern` at `at`; `at` itself when it does not match. */
function matchEnd(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/**
 * The end of the word that begins at `at`: white space, `]]` or the end of the text. `at` itself when the word is
 * empty.
 */
function wordEnd(text: string, at: number): number {
  return matchEnd(text, at, /(?:(?!\]\])\S)*/y);
}

/** The position after the brace that closes the one at `start`; `undefined` when none does. */
function closingBraceEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const unit = text[at];
    if (inString) {
      if (unit === '\\') at++;
      else if (unit === '"') inString = false;
    } else if (unit === '"') {
      inString = true;
    } else if (unit === '{') {
      depth++;
    } else if (unit === '}') {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function shown(text: string): string {
  return cutText(text, limits.toolNoteUnitsMax).replaceAll('`', "'");
}
