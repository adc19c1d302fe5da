/** Texts that are hard to show: each is as long as a message may be, and repeats or nests what costs most. */

/** As long as a message may be, characters. */
const lengthMax = 200_000;

function repeated(unit: string, characters = lengthMax): string {
  const each = [...unit].length;
  return unit.repeat(Math.floor(characters / each));
}

/** Cut to what a message may hold. */
function cut(text: string): string {
  return [...text].slice(0, lengthMax).join('');
}

const emoji = ['😀', '🧑🏽‍🚀', '👩‍👩‍👧‍👦', '🇩🇪', '❤️‍🔥', '1️⃣'];

const table = (rows: number, columns: number): string => {
  const row = (cell: (at: number) => string) =>
    `|${Array.from({ length: columns }, (_, at) => cell(at)).join('|')}|`;
  return [
    row((at) => `c${at}`),
    row(() => '-'),
    ...Array.from({ length: rows }, (_, line) => row((at) => `${line}.${at}`)),
  ].join('\n');
};

const nested = (depth: number): string =>
  Array.from({ length: depth }, (_, level) => `${'  '.repeat(level)}- level ${level}`).join('\n');

/** By what they are. */
export const badTexts: ReadonlyMap<string, string> = new Map([
  ['one short line', 'These are words of one line. '],
  ['200,000 characters: prose in paragraphs', repeated(`${'These are words of prose. '.repeat(20)}\n\n`)],
  ['200,000 characters: one line of words', repeated('These are words of one line. ')],
  ['200,000 characters: one word', repeated('word')],
  ['200,000 characters: lines of one letter', repeated('a\n')],
  ['1,000 × `>`', `${'>'.repeat(1000)} deep`],
  ['200,000 × `>`', repeated('>')],
  ['1,000 × `- `', `${'- '.repeat(1000)}deep`],
  ['`*a **a ` without end', repeated('*a **a ')],
  ['`**a ` without end', repeated('**a ')],
  ['`[` without end', repeated('[')],
  ['`[a](` without end', repeated('[a](')],
  ['`a@` without end', repeated('a@')],
  ['`<` without end', repeated('<')],
  ['backticks of growing length', cut(Array.from({ length: 600 }, (_, at) => `a${'`'.repeat(at)}`).join(''))],
  ['list items without end', repeated('* b\n')],
  ['tables without end', repeated('|a|\n|-|\n')],
  ['a table of 5,000 cells', table(500, 10)],
  ['a table of 40,000 cells', cut(table(400, 100))],
  ['lists nested 400 deep', cut(nested(400))],
  ['references and definitions without end', repeated('[a]: b\n\n[a] ')],
  ['definitions without end', Array.from({ length: 10_000 }, (_, at) => `[n${at}]: b`).join('\n')],
  [
    'footnotes without end',
    Array.from({ length: 5000 }, (_, at) => `[^${at}]\n\n[^${at}]: note\n`).join('\n'),
  ],
  ['4,000 headings', repeated('# head\n', 28_000)],
  ['4,000 strong words on lines of their own', repeated('**a**\n\n', 14_000)],
  ['2,000 blocks of code', repeated('```js\nlet a = 1\n```\n', 40_000)],
  ['one block of 49,000 characters of code', `\`\`\`js\n${repeated('let a = "b" + 1; ', 49_000)}\n\`\`\``],
  ['one block of 199,000 characters of code', `\`\`\`js\n${repeated('let a = "b" + 1;\n', 199_000)}\n\`\`\``],
  ['code that nests', `\`\`\`js\n${repeated('(((((', 49_000)}\n\`\`\``],
  ['4,000 formulas', repeated('$a^2$\n\n', 28_000)],
  ['4,000 formulas in one text', repeated('$x_1^2$ ', 32_000)],
  ['formulas of 2,000 characters', repeated(`$$${'\\frac{a}{b}'.repeat(170)}$$\n\n`, 80_000)],
  ['a formula that nests', `$${'\\sqrt{'.repeat(250)}x${'}'.repeat(250)}$`],
  ['formulas that expand', repeated(`$${'\\underbrace{'.repeat(60)}x${'}'.repeat(60)}$\n\n`, 60_000)],
  ['49,000 emoji', repeated('😀', 49_000)],
  ['emoji of many characters', repeated(emoji.join(''))],
  ['combining marks', repeated(`a${'\u0301\u0323\u0330'.repeat(30)}`)],
  [
    'scripts that are not there',
    String.fromCodePoint(...Array.from({ length: 20_000 }, (_, at) => 0x4e00 + at)),
  ],
  ['bidirectional overrides', repeated('\u202eabc\u202d def \u2067ghi ')],
  ['100,000 line separators', repeated('a\u2028')],
]);
