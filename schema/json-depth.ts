/**
 * Whether the brackets of a JSON text are nested more than `most` levels deep, outside of its strings. Of any text; nothing
 * is parsed, and nothing is read behind the bracket that is too much.
 */
export function isJsonDeeper(text: string, most: number): boolean {
  // Most texts are too short for so many brackets.
  if (text.length <= most) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case openList:
      case openObject:
        if (++depth > most) return true;
        break;
      case closeList:
      case closeObject:
        depth--;
        break;
      case quote:
        index = endOfString(text, index);
        break;
      default:
    }
  }
  return false;
}

/** Where the string ends that begins at `start`; the end of the text, if it does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, index: number): boolean {
  let before = index;
  while (text.charCodeAt(before - 1) === backslash) before--;
  return (index - before) % 2 === 1;
}

const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
