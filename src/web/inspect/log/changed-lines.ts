/** How a text of lines differs from an earlier one. */

export type ChangedLine = { readonly change: 'same' | 'added' | 'removed'; readonly text: string };

/** Longer texts are compared only at their ends: everything between is then taken for changed. */
const comparedMax = 600;

/** The lines of `before` and `after` in order: a longest common subsequence is `same`. */
export function changedLines(before: string, after: string): readonly ChangedLine[] {
  const old = before === '' ? [] : before.split('\n');
  const now = after === '' ? [] : after.split('\n');
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first++;
  let last = 0;
  while (
    last < old.length - first &&
    last < now.length - first &&
    old[old.length - 1 - last] === now[now.length - 1 - last]
  )
    last++;
  const same = (text: string): ChangedLine => ({ change: 'same', text });
  return [
    ...now.slice(0, first).map(same),
    ...between(old.slice(first, old.length - last), now.slice(first, now.length - last)),
    ...now.slice(now.length - last).map(same),
  ];
}

function between(old: readonly string[], now: readonly string[]): readonly ChangedLine[] {
  if (old.length > comparedMax || now.length > comparedMax) {
    return [
      ...old.map((text) => ({ change: 'removed' as const, text })),
      ...now.map((text) => ({ change: 'added' as const, text })),
    ];
  }
  // `common[i][j]`: how long the longest common subsequence of `old` from `i` and `now` from `j` on is.
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row !== undefined)
        row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [mine, other] = [old[i], now[j]];
    if (mine !== undefined && mine === other) {
      lines.push({ change: 'same', text: mine });
      i++;
      j++;
    } else if (mine !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ change: 'removed', text: mine });
      i++;
    } else {
      lines.push({ change: 'added', text: other ?? '' });
      j++;
    }
  }
  return lines;
}
