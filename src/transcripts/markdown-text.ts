/** Pieces of Markdown that are what they are meant to be, whatever is in them. */

/** A block of code whose fence is longer than any run of backticks in it. */
export function fenced(content: string, language = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(content) + 1));
  return `${fence}${language}\n${content}${content.endsWith('\n') || content === '' ? '' : '\n'}${fence}`;
}

/** Text on one line in which nothing is markup. */
export function plainLine(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&');
}

/** Code on one line. */
export function codeLine(text: string): string {
  const line = oneLine(text);
  const fence = '`'.repeat(longestRun(line) + 1);
  // A space beside a backtick is part of the fence.
  return line.startsWith('`') || line.endsWith('`') ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A link; anything but http, https and paths of this server is shown, not linked. */
export function link(text: string, url: string): string {
  const target = /^(?:https?:\/\/|\/(?!\/))/i.test(url)
    ? url.replace(/[^\x21\x23-\x3b\x3d\x3f-\x7e]/gu, encoded)
    : null;
  return target === null ? `${plainLine(text)} (${codeLine(url)})` : `[${plainLine(text)}](<${target}>)`;
}

function encoded(character: string): string {
  return encodeURIComponent(character.toWellFormed());
}

export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
