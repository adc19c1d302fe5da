/**
 * Topic grammar: `<format>/<namespace>`, in `callboard.v1` also `v1/<namespace>/<sessionId>` for subscriptions to one
 * session, and `v1/heartbeat` (docs/architecture.md#from-the-outbox-to-a-reader).
 */
import type { WireNamespace } from '../event-table.ts';
import type { SessionId } from '../ids.ts';

export const wireFormats = ['baseline', 'v1'] as const;
export type WireFormat = (typeof wireFormats)[number];

export type Topic =
  | `${WireFormat}/${WireNamespace}`
  | `v1/${WireNamespace}/${SessionId}`
  | typeof heartbeatTopic;

export const heartbeatTopic = 'v1/heartbeat';

/** The topic of a namespace, or of one session in it. */
export function topicOf(format: WireFormat, namespace: WireNamespace): Topic {
  return `${format}/${namespace}`;
}

export function sessionTopicOf(namespace: WireNamespace, sessionId: SessionId): Topic {
  return `v1/${namespace}/${sessionId}`;
}

/** The `callboard.v1` topics that an event goes to: its namespace's and, when it has one, its session's. */
export function callboardV1TopicsOf(namespace: WireNamespace, sessionId: SessionId | null): readonly Topic[] {
  const whole = topicOf('v1', namespace);
  return sessionId === null ? [whole] : [whole, sessionTopicOf(namespace, sessionId)];
}
