/** All sessions, with the activity of each agent. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { EventFrame } from '../server-frame.ts';

/** `activity` is `undefined` until an event tells it. */
export type ListedSession = ChatSession & { readonly activity: AgentState | undefined };

/** The list after an event. An event older than the list changes nothing. */
export function sessionsAfter(list: readonly ListedSession[], event: EventFrame): readonly ListedSession[] {
  switch (event.event) {
    case 'session.created':
    case 'session.updated': {
      const known = list.find(({ id }) => id === event.data.id);
      if (known !== undefined && known.updatedAt >= event.data.updatedAt) return list;
      const others = list.filter(({ id }) => id !== event.data.id);
      return inOrder([{ ...event.data, activity: known?.activity }, ...others]);
    }
    case 'session.deleted':
      return list.some(({ id }) => id === event.data.id)
        ? list.filter(({ id }) => id !== event.data.id)
        : list;
    case 'agent.activity': {
      const { sessionId, state } = event.data;
      return withChange(list, sessionId, (known) =>
        known.activity === state ? known : { ...known, activity: state },
      );
    }
    case 'branch.selected': {
      const { sessionId, leafId } = event.data;
      return withChange(list, sessionId, ({ leafId: _, ...known }) =>
        leafId === null ? known : { ...known, leafId },
      );
    }
    default:
      return list;
  }
}

function withChange(
  list: readonly ListedSession[],
  sessionId: SessionId,
  change: (known: ListedSession) => ListedSession,
): readonly ListedSession[] {
  const at = list.findIndex(({ id }) => id === sessionId);
  const known = list[at];
  const next = known === undefined ? undefined : change(known);
  return next === undefined || next === known ? list : list.with(at, next);
}

/** Most recently changed first, as REST lists them. */
function inOrder(list: readonly ListedSession[]): readonly ListedSession[] {
  return list.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
}
