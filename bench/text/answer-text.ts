/**
 * The text of an answer: a pure function of seed, session and answer, so that server and client build the same text
 * in separate processes and every delivery can be checked. Plain ASCII without characters that JSON escapes, so that
 * bytes, characters and UTF-16 units are the same and the client need not parse.
 */

/** Which answer: the `answer`-th of the session with this index, both from 0. */
export type AnswerKey = {
  readonly seed: number;
  readonly session: number;
  readonly answer: number;
  readonly tokens: number;
  /** Characters of each piece, for an engine that emits more than a token at a time; 0: words. */
  readonly pieceCharacters: number;
};

/** Like tokens of English text: 4 to 5 characters on average, including their space. */
const words = (
  ' the of and to in is that for it as was with be by on not he his but at are this have from or had an they which' +
  ' one you were her all she there would their we him been has when who will more no if out so said what up its' +
  ' about into than them can only other new some could time these two may then do first any my now such like our' +
  ' over man me even most made after also did many before must through years where much your way well down should' +
  ' because each just those people how too little state good very make world still own see men work long get here' +
  ' between both life being under never day same another know while last might us great old year off come since' +
  ' streaming token message session actor machine topic socket'
)
  .split(' ')
  .filter((word) => word !== '')
  .map((word) => ` ${word}`);

/** The pieces in the order in which the engine emits them. */
export function answerTokens(key: AnswerKey): readonly string[] {
  let state = (key.seed * 0x9e3779b1 + key.session * 0x85ebca6b + key.answer * 0xc2b2ae35 + 1) | 0;
  // xorshift: cheap, and the same everywhere.
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return words[(state >>> 0) % words.length] ?? ' word';
  };
  return Array.from({ length: key.tokens }, () => {
    let piece = next();
    while (piece.length < key.pieceCharacters) piece += next();
    return key.pieceCharacters > 0 ? piece.slice(0, key.pieceCharacters) : piece;
  });
}

/** Where each token ends in the whole text, characters. */
export function tokenEnds(tokens: readonly string[]): Int32Array {
  const ends = new Int32Array(tokens.length);
  let end = 0;
  for (const [index, token] of tokens.entries()) {
    end += token.length;
    ends[index] = end;
  }
  return ends;
}
