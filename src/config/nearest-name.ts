/** "Did you mean": finds the known name nearest to a mistyped one. */

/** `undefined` when no name is near. A name is near if at most a third of its letters, or two, would have to change. */
export function nearestName(mistyped: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(mistyped.toLowerCase(), name.toLowerCase());
    const allowed = Math.max(2, Math.floor(name.length / 3));
    if (distance <= allowed && distance < nearestDistance) {
      nearest = name;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/**
 * How many letters to insert, delete or replace. Row by row: `row[j]` is the distance to the first `j` letters of
 * `b`.
 */
function editDistance(a: string, b: string): number {
  // No setting has so long a name, and the work grows with the product of both lengths.
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
