/**
 * Token estimate: about how many tokens a text is, for a model whose tokenizer nobody has. Pure, one pass, rather too
 * many than too few: words as they are usual in prose, and what tokenizers are bad at, which is random letters and
 * digits, rows of signs, and most scripts. Figures are those of tokenizers with 200,000 entries; what a model counts
 * otherwise is learned from its own counts (`model-rooms.ts`).
 */
import type { TokenEstimate } from '../ports.ts';

export const estimatedTokens: TokenEstimate = (text) => {
  let tokens = 0;
  for (let index = 0; index < text.length; ) {
    const kind = kindAt(text, index);
    let end = index + 1;
    if (kind === 'other') {
      const point = text.codePointAt(index) ?? 0;
      if (point > 0xffff) end++;
      tokens += weightOf(point);
    } else {
      while (end < text.length && kindAt(text, end) === kind) end++;
      if (kind === 'word') tokens += wordTokens(text, index, end);
      else if (kind === 'space') tokens += spaceTokens(text, index, end);
      else tokens += signTokens(end - index);
    }
    index = end;
  }
  return Math.ceil(tokens);
};

type Kind = 'word' | 'space' | 'sign' | 'other';

/** Of each ASCII character; control characters are tokens of their own. */
const asciiKinds: readonly Kind[] = Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/[0-9A-Za-z]/.test(character)) return 'word';
  if (/[ \t\n\r]/.test(character)) return 'space';
  return unit < 0x20 || unit === 0x7f ? 'other' : 'sign';
});

function kindAt(text: string, index: number): Kind {
  return asciiKinds[text.charCodeAt(index)] ?? 'other';
}

/** Tokens per character within long words of letters and digits that are no language. */
const randomTokens = 0.7;
/** Longer than the words of any language. */
const wordUnitsMax = 40;

function wordTokens(text: string, from: number, to: number): number {
  const units = to - from;
  let digits = 0;
  let turns = 0;
  let before = classOf(text.charCodeAt(from));
  for (let index = from; index < to; index++) {
    const now = classOf(text.charCodeAt(index));
    if (now === 'digit') digits++;
    // A capital begins a word; within base64 and hexadecimal there is no order in them.
    if (now !== before && !(before === 'upper' && now === 'lower')) turns++;
    before = now;
  }
  if (digits === units) return Math.ceil(units / 3);
  const isCapital = units > 1 && classOf(text.charCodeAt(from + 1)) === 'upper';
  const prose = isCapital ? units / 4 + 0.5 : units <= 7 ? 1 : units / 5 + 0.5;
  const random = units > wordUnitsMax ? units * randomTokens : 0;
  return Math.max(prose, random, turns === 0 ? 0 : 1 + turns * 1.4);
}

function classOf(unit: number): 'digit' | 'upper' | 'lower' {
  if (unit <= 0x39) return 'digit';
  return unit <= 0x5a ? 'upper' : 'lower';
}

/** One space belongs to the word behind it. */
function spaceTokens(text: string, from: number, to: number): number {
  const units = to - from;
  return units === 1 && text.charCodeAt(from) === 0x20 ? 0 : 1 + units / 16;
}

function signTokens(units: number): number {
  return units <= 4 ? Math.ceil(units / 2) : units * randomTokens;
}

/** Tokens per character from each code point on, up to the next row. */
const weights: readonly (readonly [from: number, weight: number])[] = [
  [0x00, 1],
  // Latin with marks.
  [0x00c0, 1],
  [0x0250, 2],
  [0x0370, 0.6],
  [0x0400, 0.45],
  [0x0530, 0.5],
  [0x0590, 0.6],
  // Devanagari and its relatives.
  [0x0900, 0.6],
  [0x0e00, 0.8],
  [0x0e80, 2],
  [0x1000, 0.9],
  [0x10a0, 0.5],
  [0x1100, 1],
  [0x1200, 2.5],
  [0x1780, 0.9],
  [0x1800, 2],
  [0x1e00, 1],
  // Quotation marks and dashes.
  [0x2000, 1],
  [0x2070, 2.5],
  // Chinese, Japanese, Korean.
  [0x3000, 1],
  [0x3400, 2.5],
  [0x4dc0, 1],
  [0xa000, 2],
  [0xac00, 1],
  [0xd7b0, 3],
  [0xff00, 1],
  [0xffe0, 2.5],
  [0x10000, 3],
];

function weightOf(point: number): number {
  let low = 0;
  let high = weights.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((weights[middle]?.[0] ?? 0) <= point) low = middle;
    else high = middle;
  }
  return weights[low]?.[1] ?? 1;
}
