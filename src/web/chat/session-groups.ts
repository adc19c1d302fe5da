/** The side list in groups: what waits for a person, then by the day of the last change. */

export type SessionGroup<Session> = { readonly title: string; readonly sessions: readonly Session[] };

type Dated = { readonly id: string; readonly updatedAt: string };

/**
 * `sessions` are newest first, and stay in that order within a group. Days are those of the reader's clock and place.
 * A session that says it changed in the future belongs to today.
 */
export function sessionGroups<Session extends Dated>(
  sessions: readonly Session[],
  waiting: ReadonlySet<string>,
  now: Date,
): readonly SessionGroup<Session>[] {
  const midnight = (daysAgo: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  const [today, yesterday, week] = [midnight(0), midnight(1), midnight(7)];
  const titleOf = ({ id, updatedAt }: Session): string => {
    if (waiting.has(id)) return 'Waiting for you';
    const date = new Date(updatedAt);
    const at = date.getTime();
    if (at >= today) return 'Today';
    if (at >= yesterday) return 'Yesterday';
    if (at >= week) return 'Previous 7 days';
    return date.toLocaleDateString('en', { month: 'long', year: 'numeric' });
  };
  const byTitle = Map.groupBy(
    sessions.toSorted((a, b) => Number(waiting.has(b.id)) - Number(waiting.has(a.id))),
    titleOf,
  );
  return [...byTitle].map(([title, grouped]) => ({ title, sessions: grouped }));
}
