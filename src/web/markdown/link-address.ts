/** Which addresses an answer may link to. */

const protocols = ['https:', 'http:', 'mailto:'];

/** `undefined` for what is no absolute address, or one that could run code or read files. */
export function linkAddress(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const { protocol } = new URL(href);
  return protocols.includes(protocol) ? href : undefined;
}
