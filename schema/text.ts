/** How text from outside is counted and cleaned. */

/** Counts code points, not UTF-16 units: characters as people count them (docs/protocol.md A2). */
export function characterCount(text: string): number {
  if (text.length === 0) return 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(index + 1))) index++;
    count++;
  }
  return count;
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Is there nothing in it that can be seen? Providers refuse such text, each by its own idea of white space. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Cf}]*$/u.test(text);
}

/**
 * Makes text storable and sendable everywhere: lone surrogates and NUL become U+FFFD. UTF-8 cannot carry the
 * first and PostgreSQL cannot store the second, so keeping either would make stores disagree (SPEC [TXT1]).
 */
export function storableText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
