/** The part of a found text that is shown (SPEC [SRC7]). */
import { limits } from './limits.ts';
import { indexTerms, isAmong, type SoughtTerm } from './search-terms.ts';
import { isHighSurrogate, isLowSurrogate } from './text.ts';

/** Up to `searchSnippetUnitsMax` units around the first sought term, in one line, with `…` where it is cut. */
export function searchSnippet(text: string, sought: readonly SoughtTerm[]): string {
  const read = text.slice(0, limits.searchTextUnitsMax);
  const lead = Math.floor(limits.searchSnippetUnitsMax / 4);
  const from = charactersFrom(read, Math.max(0, placeOf(read, sought) - lead));
  const to = charactersFrom(read, from + limits.searchSnippetUnitsMax);
  const line = read.slice(from, to).replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '…' : ''}${line}${to < text.length ? '…' : ''}`;
}

/** Where the first sought term begins; 0 when folding has moved it out of sight. */
function placeOf(text: string, sought: readonly SoughtTerm[]): number {
  for (const word of text.matchAll(/[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu)) {
    if (!hasSought(word[0], sought)) continue;
    return word.index + placeInWord(word[0], sought);
  }
  return 0;
}

/** A run without spaces can be as long as the text: its characters are tried one pair after another. */
function placeInWord(word: string, sought: readonly SoughtTerm[]): number {
  if (word.length <= limits.searchTermCharactersMax) return 0;
  const characters = [...word];
  let place = 0;
  for (const [index, character] of characters.entries()) {
    if (hasSought(character + (characters[index + 1] ?? ''), sought)) return place;
    place += character.length;
  }
  return 0;
}

function hasSought(text: string, sought: readonly SoughtTerm[]): boolean {
  const terms = indexTerms(text);
  return sought.some((term) => isAmong(term, terms));
}

/** `index`, or the next one that does not split a surrogate pair. */
function charactersFrom(text: string, index: number): number {
  const splits = isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1));
  return splits ? index + 1 : index;
}
