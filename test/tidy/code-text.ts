/**
 * The code of a TypeScript text: comments, and the insides of strings, templates and regular expressions, become
 * spaces. Offsets and lines stay what they were, so what is found in the code can be read in the original.
 */

/** A `/` after one of these begins a regular expression; after anything else it divides. */
const beforeRegExp = /(?:^|[([{,;=:!&|?+\-*%<>~^}]|\b(?:return|case|typeof|in|of|yield|await))$/;

export function codeOf(text: string): string {
  const { comments, literals } = partsOf(text);
  return blanked(text, [...comments, ...literals]);
}

/** Only the comments of a text, one after the other, each without its marks and on one line. */
export function commentsOf(text: string): string[] {
  return partsOf(text).comments.map(({ from, to }) =>
    text
      .slice(from, to)
      .replace(/^\/(?:\*+|\/)|\*\/$/g, '')
      .replace(/(?:\s*\n\s*(?:\* ?)?)+/g, ' ')
      .trim(),
  );
}

/** The text without its comments: code and literals. */
export function withoutComments(text: string): string {
  return blanked(text, partsOf(text).comments);
}

type Part = { readonly from: number; readonly to: number };

function blanked(text: string, parts: readonly Part[]): string {
  // Split into UTF-16 units, so that offsets agree.
  const units = text.split('');
  for (const { from, to } of parts) {
    for (let at = from; at < to; at++) if (units[at] !== '\n') units[at] = ' ';
  }
  return units.join('');
}

/** The places of comments, and of the insides of strings, templates and regular expressions. */
function partsOf(text: string): { readonly comments: Part[]; readonly literals: Part[] } {
  const comments: Part[] = [];
  const literals: Part[] = [];

  /** One entry per template that the scan is inside of: how many braces are open in its `${`. */
  const templates: number[] = [];
  let at = 0;
  /** The code so far on this line, for telling a regular expression from a division. */
  const before = () => {
    const from = Math.max(0, at - 40);
    const near = [...comments.slice(-20), ...literals.slice(-20)].filter(({ to }) => to > from);
    const shifted = near.map((part) => ({ from: Math.max(0, part.from - from), to: part.to - from }));
    return blanked(text.slice(from, at), shifted)
      .slice(0, at - from)
      .trimEnd();
  };
  const endOfTemplate = (from: number): number => {
    let end = from;
    while (end < text.length && text[end] !== '`') {
      if (text[end] === '\\') end++;
      else if (text.startsWith('${', end)) {
        templates.push(0);
        literals.push({ from, to: end });
        return end + 2;
      }
      end++;
    }
    literals.push({ from, to: Math.min(end, text.length) });
    return end + 1;
  };

  while (at < text.length) {
    const unit = text[at];
    if (text.startsWith('//', at)) {
      const end = indexOrEnd(text, '\n', at);
      comments.push({ from: at, to: end });
      at = end;
    } else if (text.startsWith('/*', at)) {
      const end = indexOrEnd(text, '*/', at + 2) + 2;
      comments.push({ from: at, to: Math.min(end, text.length) });
      at = end;
    } else if (unit === "'" || unit === '"') {
      const end = endOfQuoted(text, at + 1, unit);
      literals.push({ from: at + 1, to: end });
      at = end + 1;
    } else if (unit === '`') {
      at = endOfTemplate(at + 1);
    } else if (unit === '/' && beforeRegExp.test(before())) {
      const end = endOfRegExp(text, at + 1);
      literals.push({ from: at + 1, to: end });
      at = end + 1;
    } else {
      const open = templates.length - 1;
      if (open >= 0 && unit === '{') templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && unit === '}') {
        const braces = templates[open] ?? 0;
        if (braces === 0) {
          templates.pop();
          at = endOfTemplate(at + 1);
          continue;
        }
        templates[open] = braces - 1;
      }
      at++;
    }
  }
  return { comments, literals };
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from);
  return index === -1 ? text.length : index;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

function endOfRegExp(text: string, from: number): number {
  let isInClass = false;
  let at = from;
  for (; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') isInClass = true;
    else if (text[at] === ']') isInClass = false;
    else if (text[at] === '/' && !isInClass) break;
  }
  return Math.min(at, text.length);
}
