/** Decides which addresses an answer may link to. */

const protocols = ['https:', 'http:', 'mailto:'];

/** `undefined` unless it is an absolute address that can neither run code nor read files. */
export function linkAddress(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const { protocol } = new URL(href);
  return protocols.includes(protocol) ? href : undefined;
}
