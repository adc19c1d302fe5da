/** Which subscriptions serve all that want events, decided without sending anything. */
import type { WireNamespace } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';

/** One who wants events. */
export type Want = {
  readonly namespaces: readonly WireNamespace[];
  /** Absent: of all sessions. */
  readonly sessionId?: SessionId | undefined;
  /** Up to here it has everything of a namespace; absent: it begins now. */
  readonly cursors: ReadonlyMap<WireNamespace, number>;
};

export type Planned = {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId?: SessionId | undefined;
  readonly since?: number | undefined;
};

/**
 * The subscriptions of a new connection, in the order in which they are to be sent. No event belongs to two that have
 * a `since`: a namespace that somebody wants of all sessions is replayed once, for everybody. A session of which
 * somebody wants such a namespace gets a subscription of its own behind that, without `since`: it brings snapshots,
 * and stays when the wide one ends.
 */
export function subscriptionPlan(wants: readonly Want[]): readonly Planned[] {
  const wide = namespacesOf(wants.filter(({ sessionId }) => sessionId === undefined));
  const sessions = new Set(wants.map(({ sessionId }) => sessionId).filter((id) => id !== undefined));
  const plan: Planned[] = wide.length === 0 ? [] : [{ namespaces: wide, since: sinceOf(wants, wide) }];
  for (const sessionId of sessions) {
    const own = wants.filter((want) => want.sessionId === sessionId);
    const narrow = namespacesOf(own).filter((namespace) => !wide.includes(namespace));
    if (narrow.length > 0) plan.push({ namespaces: narrow, sessionId, since: sinceOf(own, narrow) });
    const covered = namespacesOf(own).filter((namespace) => wide.includes(namespace));
    if (covered.length > 0) plan.push({ namespaces: covered, sessionId });
  }
  return plan;
}

/** The one stream that serves everybody, for transports with one subscription (SSE). */
export function singlePlan(wants: readonly Want[]): Planned | undefined {
  const namespaces = namespacesOf(wants);
  if (namespaces.length === 0) return undefined;
  const [first] = wants;
  const sessionId = wants.every((want) => want.sessionId === first?.sessionId) ? first?.sessionId : undefined;
  return { namespaces, sessionId, since: sinceOf(wants, namespaces) };
}

/** What must be subscribed to besides `active` for one more; it begins now, so no `since`. */
export function additionFor(want: Want, active: readonly Planned[]): Planned | undefined {
  const namespaces = want.namespaces.filter(
    (namespace) =>
      !active.some(
        (planned) => planned.sessionId === want.sessionId && planned.namespaces.includes(namespace),
      ),
  );
  return namespaces.length === 0 ? undefined : { namespaces, sessionId: want.sessionId };
}

/** Does it get all that it wants from there? */
export function covers(planned: Planned, want: Want): boolean {
  return (
    serves(planned, want) && want.namespaces.every((namespace) => planned.namespaces.includes(namespace))
  );
}

/** Does it get events from there? */
export function serves({ namespaces, sessionId }: Planned, want: Want): boolean {
  const isInScope = sessionId === undefined || sessionId === want.sessionId;
  return isInScope && want.namespaces.some((namespace) => namespaces.includes(namespace));
}

function namespacesOf(wants: readonly Want[]): WireNamespace[] {
  return [...new Set(wants.flatMap(({ namespaces }) => namespaces))].sort();
}

/** The least cursor of those who have one; none: it begins now. */
function sinceOf(wants: readonly Want[], namespaces: readonly WireNamespace[]): number | undefined {
  const cursors = wants.flatMap((want) =>
    namespaces.flatMap((namespace) =>
      want.namespaces.includes(namespace) ? (want.cursors.get(namespace) ?? []) : [],
    ),
  );
  return cursors.length === 0 ? undefined : Math.min(...cursors);
}
