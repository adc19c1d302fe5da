/**
 * Text of the rehearsal engine: English prose with some Markdown, determined by a seed text alone (SPEC [REH1]). It
 * comes in pieces of about a word, like a model's tokens.
 */

const nouns = [
  'signal',
  'stream',
  'message',
  'answer',
  'question',
  'session',
  'reader',
  'window',
  'journey',
  'letter',
  'harbour',
  'orchestra',
  'rehearsal',
  'stage',
  'curtain',
  'melody',
  'engine',
  'river',
  'clock',
  'garden',
];
const adjectives = [
  'steady',
  'quiet',
  'careful',
  'bright',
  'patient',
  'plain',
  'sudden',
  'gentle',
  'exact',
  'familiar',
  'curious',
  'distant',
];
const verbs = ['follows', 'carries', 'answers', 'changes', 'reaches', 'explains', 'repeats', 'outlives'];
const adverbs = ['slowly', 'in order', 'once', 'without haste', 'piece by piece', 'every time', 'at last'];

/** `A`: adjective, `N`: noun, `V`: verb, `D`: adverb, `T`: topic; a trailing `*` makes it bold, '`' code. */
const sentences = [
  'The A N V the N D.',
  'A N is never quite A, and the T V it D.',
  'Consider the T: it V a A N D.',
  'First comes the N*, then the A T, and D the N V both.',
  'When the N is A, the T V the N.',
  'Think of T` as a A N that V D.',
  'Nobody expects the N to be A, yet it V the T D.',
  'What the A N V, the N V D.',
];
const headings = ['The T', 'A A N', 'What V the N', 'From N to N'];
const items = ['The A N V D.', 'T*: a A N.', 'One N, one N.', 'A A T that V the N.'];

/**
 * Endless pieces; the same seed gives the same ones. Concatenated they are Markdown: paragraphs, headings, lists. No
 * piece is empty. Bold and code begin and end within one piece, so a cut between any two pieces leaves valid
 * Markdown.
 */
export function* rehearsalPieces(seed: string): Generator<string, never, void> {
  const random = seededNumbers(seed);
  const topics = topicsOf(seed);
  const fill = (template: string) => filled(template, topics, random);
  let separator = '';
  for (let block = 0; ; block++) {
    const kind = block === 0 ? 0 : random(6);
    if (kind === 4) {
      yield* withSeparator(separator, ['##', ...fill(pick(headings, random))]);
    } else if (kind === 5) {
      for (let item = 0; item < 3; item++) {
        yield* withSeparator(item === 0 ? separator : '\n', ['-', ...fill(pick(items, random))]);
      }
    } else {
      const count = 2 + random(3);
      for (let sentence = 0; sentence < count; sentence++) {
        yield* withSeparator(sentence === 0 ? separator : ' ', fill(pick(sentences, random)));
      }
    }
    separator = '\n\n';
  }
}

/** Cuts text into pieces of one word and the white space before it; the pieces concatenated are the text. */
export function piecesOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function* withSeparator(separator: string, words: readonly string[]): Generator<string, void, void> {
  for (const [index, word] of words.entries()) yield `${index === 0 ? separator : ' '}${word}`;
}

/** One piece per word of the template, punctuation attached. */
function filled(template: string, topics: readonly string[], random: NextNumber): string[] {
  const words = template.split(' ').flatMap((slot, index) => {
    const match = /^([ANVDT])([*`]?)([.,:]?)$/.exec(slot);
    // The template begins with the article "A", which is not the slot of the same letter.
    if (match === null || (index === 0 && slot === 'A')) return [slot];
    const [, kind = '', mark = '', punctuation = ''] = match;
    const chosen = pick(bankOf(kind, topics), random);
    const marked = mark === '*' ? `**${chosen}**` : mark === '`' ? `\`${chosen}\`` : chosen;
    return `${marked}${punctuation}`.split(' ');
  });
  return words.map((word, index) => {
    const articled = word === 'a' && /^[aeiou]/.test(words[index + 1] ?? '') ? 'an' : word;
    const first = index === 0 ? articled.replace(/^(\**)(\p{L})/u, upperFirst) : articled;
    return first === 'A' && /^[aeiou]/.test(words[index + 1] ?? '') ? 'An' : first;
  });
}

function upperFirst(_match: string, marks: string, letter: string): string {
  return `${marks}${letter.toUpperCase()}`;
}

function bankOf(kind: string, topics: readonly string[]): readonly string[] {
  switch (kind) {
    case 'A':
      return adjectives;
    case 'V':
      return verbs;
    case 'D':
      return adverbs;
    case 'T':
      return topics;
    default:
      return nouns;
  }
}

/** Words of the seed that look like its topic; default nouns when it has none. */
function topicsOf(seed: string): readonly string[] {
  const words = seed.match(/\p{L}{5,20}/gu) ?? [];
  return words.length === 0 ? nouns : words.slice(0, 12).map((word) => word.toLowerCase());
}

/** Returns a whole number from 0 up to but not including `bound`. */
type NextNumber = (bound: number) => number;

/** Xorshift over 32 bits, seeded with an FNV-1a hash of the seed: repeatable, but not statistically random. */
function seededNumbers(seed: string): NextNumber {
  let state = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) {
    state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  }
  if (state === 0) state = 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function pick(choices: readonly string[], random: NextNumber): string {
  return choices[random(choices.length)] ?? '';
}
