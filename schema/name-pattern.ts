/** Names in the config: a whole name or, with `*` at its end, the beginning of names. */

/** Whether `pattern` is the name, or ends in `*` and the name begins with the rest. */
export function matchesName(pattern: string, name: string): boolean {
  return pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));
}
