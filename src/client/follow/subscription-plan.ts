/** Decides which subscriptions serve all consumers; it sends nothing. */

import type { SessionId } from '../../../schema/ids.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';

/** What one consumer wants. */
export type Want = {
  readonly namespaces: readonly WireNamespace[];
  /** Absent: of all sessions. */
  readonly sessionId?: SessionId | undefined;
  /** Per namespace, the `seq` up to which the consumer has everything; absent: it begins now. */
  readonly cursors: ReadonlyMap<WireNamespace, number>;
};

export type Planned = {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId?: SessionId | undefined;
  readonly since?: number | undefined;
};

/**
 * The subscriptions of a new connection, in the order in which to send them. No event belongs to two subscriptions
 * with a `since`: a namespace that a consumer wants of all sessions is replayed once, for all consumers. If another
 * consumer wants that namespace of one session, the session gets a subscription of its own after that, without
 * `since`: it brings snapshots, and stays when the wide one ends.
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

/** One subscription that serves all consumers, for transports that have only one (SSE). */
export function singlePlan(wants: readonly Want[]): Planned | undefined {
  const namespaces = namespacesOf(wants);
  if (namespaces.length === 0) return undefined;
  const [first] = wants;
  const sessionId = wants.every((want) => want.sessionId === first?.sessionId) ? first?.sessionId : undefined;
  return { namespaces, sessionId, since: sinceOf(wants, namespaces) };
}

/** What to subscribe to besides `active` for one more consumer. It begins now, so there is no `since`. */
export function additionFor(want: Want, active: readonly Planned[]): Planned | undefined {
  const namespaces = want.namespaces.filter(
    (namespace) =>
      !active.some(
        (planned) => planned.sessionId === want.sessionId && planned.namespaces.includes(namespace),
      ),
  );
  return namespaces.length === 0 ? undefined : { namespaces, sessionId: want.sessionId };
}

/** Whether `planned` brings everything that `want` asks for. */
export function covers(planned: Planned, want: Want): boolean {
  return (
    serves(planned, want) && want.namespaces.every((namespace) => planned.namespaces.includes(namespace))
  );
}

/** Whether the subscription brings any event that `want` asks for. */
export function serves({ namespaces, sessionId }: Planned, want: Want): boolean {
  const isInScope = sessionId === undefined || sessionId === want.sessionId;
  return isInScope && want.namespaces.some((namespace) => namespaces.includes(namespace));
}

function namespacesOf(wants: readonly Want[]): WireNamespace[] {
  return [...new Set(wants.flatMap(({ namespaces }) => namespaces))].sort();
}

/** The lowest cursor of all that have one; none: it begins now. */
function sinceOf(wants: readonly Want[], namespaces: readonly WireNamespace[]): number | undefined {
  const cursors = wants.flatMap((want) =>
    namespaces.flatMap((namespace) =>
      want.namespaces.includes(namespace) ? (want.cursors.get(namespace) ?? []) : [],
    ),
  );
  return cursors.length === 0 ? undefined : Math.min(...cursors);
}
