/**
 * Estimates how wide a text is drawn from the shapes of its letters, so that a chart is laid out the same in every
 * browser and in tests. Estimates are rather too wide than too narrow.
 */
const narrow = /[iljtfrI.,:;|'![\]() ]/;
const wide = /[mwMW@%]/;
const capital = /[A-Z0-9*#&]/;

/** How much wider bold letters are. */
const boldness = 1.12;

/** The width in the unit of `size`, the font's size. */
export function textWidth(text: string, size: number, isBold = false): number {
  let ems = 0;
  for (const letter of text) {
    if (narrow.test(letter)) ems += 0.36;
    else if (wide.test(letter)) ems += 0.92;
    else if (capital.test(letter)) ems += 0.7;
    else ems += 0.59;
  }
  return Math.ceil(ems * size * (isBold ? boldness : 1));
}

/** Cuts the end of `text` so that it is no wider than `width`. */
export function fittedText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return `${letters.join('')}…`;
}
