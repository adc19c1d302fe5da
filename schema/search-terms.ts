/**
 * What a text can be found by: the same terms for every database, because none finds words in Chinese, Japanese or
 * Thai by itself, and each folds letters in its own way (SPEC [SRC2]–[SRC4]).
 *
 * A word is found by each of its beginnings. Scripts that are written without spaces have pairs of characters instead
 * of words: a run of two or more is found by its pairs, a single character by the pairs that begin with it.
 */
import { limits } from './limits.ts';

/** A term to look for; `isPrefix`: any term that begins with it is meant as well. */
export type SoughtTerm = { readonly text: string; readonly isPrefix: boolean };

const spaceless = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{scx=${script}}`)
  .join('');
/** A run of scripts without spaces, a word of the others, or an emoji; the groups tell which. */
const pieces = new RegExp(
  String.raw`(?<run>[[\p{L}\p{N}\p{M}]&&[${spaceless}]]+)` +
    String.raw`|(?<word>[[\p{L}\p{N}]--[${spaceless}]][[\p{L}\p{N}\p{M}]--[${spaceless}]]*)` +
    String.raw`|\p{Extended_Pictographic}`,
  'gv',
);
/** The words of text without anything but ASCII: much faster. */
const asciiWord = /(?<word>[a-z0-9]+)/g;
const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

/**
 * Accents, Arabic and Hebrew vowel points, variation selectors and characters that only format. Marks that are letters
 * to those who read them stay: vowels of Thai or Hindi, the voicing marks of Japanese.
 */
const ignored =
  /[\p{Cf}\p{VS}\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gv;

/** The terms to keep for a text, each once, of its first `searchTextUnitsMax` units. */
export function indexTerms(text: string): readonly string[] {
  const read = text.slice(0, limits.searchTextUnitsMax);
  const terms = new Set<string>();
  let room: number = limits.searchTextUnitsMax;
  const takes = (term: string) => {
    room -= term.length + 1;
    if (room >= 0) terms.add(term);
    return room >= 0;
  };
  if (isAscii(read)) asciiWords(read).every((word) => takes(firstCharacters(word)));
  else
    folded(read)
      .matchAll(pieces)
      .every((piece) => keptTerms(piece).every(takes));
  return [...terms];
}

/** The terms that something must have, all of them, to be found by this text; none: nothing is found by it. */
export function soughtTerms(text: string): readonly SoughtTerm[] {
  const terms = new Map<string, SoughtTerm>();
  for (const piece of piecesOf(text)) {
    const run = piece.groups?.['run'];
    const kept = keptTerms(piece);
    // The last character stands alone only so that it can be looked for alone.
    const sought = run === undefined || kept.length === 1 ? kept : kept.slice(0, -1);
    const isPrefix = run === undefined ? piece.groups?.['word'] !== undefined : kept.length === 1;
    for (const term of sought) {
      terms.set(term, { text: term, isPrefix: isPrefix || terms.get(term)?.isPrefix === true });
    }
  }
  return [...terms.values()];
}

/** Do the terms of a text have it? */
export function isAmong(sought: SoughtTerm, terms: readonly string[]): boolean {
  return terms.some((term) => (sought.isPrefix ? term.startsWith(sought.text) : term === sought.text));
}

function piecesOf(text: string): Iterable<RegExpMatchArray> {
  const read = text.slice(0, limits.searchTextUnitsMax);
  return isAscii(read) ? read.toLowerCase().matchAll(asciiWord) : folded(read).matchAll(pieces);
}

/** Without an object for each match: every message is read. */
function asciiWords(text: string): readonly string[] {
  return text.toLowerCase().match(asciiWord) ?? [];
}

function keptTerms(piece: RegExpMatchArray): string[] {
  const run = piece.groups?.['run'];
  if (run === undefined) return [firstCharacters(piece[0])];
  // Composed, so that a Korean syllable or a voiced Japanese one is one character.
  const characters = [...run.normalize('NFC')];
  return characters.map((character, index) => character + (characters[index + 1] ?? ''));
}

function firstCharacters(word: string): string {
  if (word.length <= limits.searchTermCharactersMax) return word;
  return [...word].slice(0, limits.searchTermCharactersMax).join('');
}

/** Without upper case, accents and ways of writing one letter in several characters. */
function folded(text: string): string {
  // Upper case first: `ß` has two letters there. `ς` is `σ` at the end of a word.
  const lower = text.toWellFormed().normalize('NFKD').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return lower.normalize('NFKD').replace(ignored, '');
}
