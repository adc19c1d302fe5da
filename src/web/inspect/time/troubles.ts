/** What waits for a person, and what failed last. */
import type { TurnState } from '../../../../schema/pushed-turn.ts';
import type { SessionStanding } from '../../../../schema/recording.ts';
import type { ListedToolCall } from '../../../../schema/stored-tool-call.ts';

/** The newest turns that did not come to their end, and the calls that wait. */
export type Troubles = {
  readonly turns: readonly TurnState[];
  readonly calls: readonly ListedToolCall[];
};

export type Trouble = Pick<SessionStanding, 'outcome' | 'reason' | 'since' | 'durationMs'>;

/** By session: the call that waits the longest, else the newest turn. */
export function troublesOf({ turns, calls }: Troubles): ReadonlyMap<string, Trouble> {
  const troubles = new Map<string, Trouble>();
  const oldestLast = calls.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
  const newestLast = turns.toSorted((one, other) => (one.queuedAt < other.queuedAt ? -1 : 1));
  for (const { sessionId, status, reason = null, queuedAt, endedAt } of newestLast) {
    const durationMs = endedAt === undefined ? null : Date.parse(endedAt) - Date.parse(queuedAt);
    troubles.set(sessionId, { outcome: status, reason, since: endedAt ?? queuedAt, durationMs });
  }
  for (const { sessionId, name, startedAt } of oldestLast) {
    troubles.set(sessionId, { outcome: 'waiting', reason: name, since: startedAt, durationMs: null });
  }
  return troubles;
}
