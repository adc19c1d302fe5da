/** Relations between actor paths. Kept apart from the validator in `actor-view.ts`, which pages do not need. */

/** Whether `path` is the actor `root` or an actor below it. */
export function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
