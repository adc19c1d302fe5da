/** The title of a session until a user renames it. */

/**
 * A title as it is shown: without the characters that turn around the direction of the text behind them, which would
 * reach into what stands beside it.
 */
export function shownTitle(title: string): string {
  return title.replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** Long enough to tell sessions apart, short enough for a list, in characters. */
const titleCharacters = 60;

/** The beginning of its first message, without the directives of the rehearsal engine. */
export function titleFor(content: string): string {
  const plain = content.replace(/\[\[.*?\]\]/gs, ' ');
  const [first = ''] = plain.trim().split('\n');
  const characters = [...first.replace(/\s+/g, ' ').trim()];
  if (characters.length === 0) return 'New session';
  if (characters.length <= titleCharacters) return characters.join('');
  return `${characters.slice(0, titleCharacters).join('').trimEnd()}…`;
}
