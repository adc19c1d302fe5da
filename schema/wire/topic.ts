/**
 * Topic grammar: `<format>/<namespace>`, in `callboard.v1` also `v1/<namespace>/<sessionId>` for subscriptions to one
 * session, `v1/turns/agents` and `v1/turns/agents/<agent>` for those of an outside agent, and `v1/heartbeat`
 * (docs/architecture.md#from-the-outbox-to-a-reader).
 */
import type { WireNamespace } from '../event-table.ts';
import type { SessionId } from '../ids.ts';

export const wireFormats = ['baseline', 'v1'] as const;
export type WireFormat = (typeof wireFormats)[number];

export type Topic =
  | `${WireFormat}/${WireNamespace}`
  | `v1/${WireNamespace}/${SessionId}`
  | `v1/turns/agents${'' | `/${string}`}`
  | typeof heartbeatTopic;

export const heartbeatTopic = 'v1/heartbeat';

/** The topic of a namespace, or of one session in it. */
export function topicOf(format: WireFormat, namespace: WireNamespace): Topic {
  return `${format}/${namespace}`;
}

export function sessionTopicOf(namespace: WireNamespace, sessionId: SessionId): Topic {
  return `v1/${namespace}/${sessionId}`;
}

/** The topics of what is addressed to any agent, and to this one: an event is on one of them alone. */
export function agentTopicsOf(agent: string): readonly Topic[] {
  return [topicOfAddressee(null), topicOfAddressee(agent)];
}

function topicOfAddressee(agent: string | null): Topic {
  return agent === null ? 'v1/turns/agents' : `v1/turns/agents/${agent}`;
}

/**
 * The `callboard.v1` topics that an event goes to: its namespace's; when it has one, its session's; and when it is
 * addressed to agents, theirs.
 */
export function callboardV1TopicsOf(
  namespace: WireNamespace,
  sessionId: SessionId | null,
  addressee?: string | null,
): readonly Topic[] {
  const topics = [topicOf('v1', namespace)];
  if (sessionId !== null) topics.push(sessionTopicOf(namespace, sessionId));
  if (addressee !== undefined) topics.push(topicOfAddressee(addressee));
  return topics;
}
