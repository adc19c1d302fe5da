/** A long text in pieces: the browser lays out those that are in sight. */

/** A piece ends behind as many lines. */
const linesMax = 100;
/** A line that is longer is broken into pieces, UTF-16 units. */
const unitsMax = 4000;

/**
 * Each piece is shown in a box of its own, so the line break between two pieces belongs to neither. A text of up to
 * `linesMax` lines and `unitsMax` units is one piece.
 */
export function textPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const end = pieceEnd(text, from);
    pieces.push(text.slice(from, end));
    from = text[end] === '\n' ? end + 1 : end;
    // The text ends with this line break: the last piece is an empty line.
    if (from === text.length && from > end) pieces.push('');
  }
  return pieces.length === 0 ? [''] : pieces;
}

function pieceEnd(text: string, from: number): number {
  const most = from + unitsMax;
  let end = from;
  for (let line = 0; line < linesMax; line++) {
    const next = text.indexOf('\n', line === 0 ? from : end + 1);
    // Behind the last line, or too far away.
    const at = next < 0 ? text.length : next;
    if (at > most) return end > from ? end : withinLine(text, from, most);
    end = at;
    if (next < 0) return end;
  }
  return end;
}

const characters = new Intl.Segmenter();
/** How far the beginning of a character is looked for, UTF-16 units. */
const characterUnitsMax = 200;

/** Behind a space where there is one, else between two characters. */
function withinLine(text: string, from: number, most: number): number {
  const space = text.lastIndexOf(' ', most - 1);
  if (space > from + unitsMax / 2) return space + 1;
  const near = most - characterUnitsMax;
  const begun = characters.segment(text.slice(near, most + characterUnitsMax)).containing(characterUnitsMax);
  // Marks may follow a letter without end.
  if (begun !== undefined && begun.index > 0) return near + begun.index;
  return /[\uDC00-\uDFFF]/.test(text.charAt(most)) ? most - 1 : most;
}
