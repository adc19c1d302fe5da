/** What was found in a message, without the marks of Markdown: a line of words, whose beginning and end may be cut. */
export function snippetWords(text: string): string {
  return (
    text
      // At the beginning of a line: headings, quotations, items, fences, rules, and the lines below heads of tables.
      .replace(/^[ \t]*(?:#{1,6}|>+|[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?/gm, '')
      .replace(/^[ \t]*(?:`{3,}|~{3,})[^\n`]*$/gm, '')
      .replace(/^(?=[^\n]*-)[ \t|:-]{3,}$/gm, '')
      // Links and pictures are their words.
      .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
      // Marks around words; one within a word, such as `snake_case` or `2 * 3`, stays.
      .replace(/(^|[^\p{L}\p{N}])(\*{1,3}|_{1,3}|~~|`+)(?=\S)/gu, '$1')
      .replace(/(\S)(\*{1,3}|_{1,3}|~~|`+)(?=[^\p{L}\p{N}]|$)/gu, '$1')
      .replace(/\s+/g, ' ')
      .trim()
  );
}
