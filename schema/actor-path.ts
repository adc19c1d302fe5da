/** Relations between actor paths; without the validator of `actor-view.ts`, which no page needs. */

/** Is it the actor `root`, or one below it? */
export function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
