/**
 * Topic grammar: `<format>/<namespace>` for those who hear of all sessions without a tenant and of the server,
 * `<format>/<namespace>/<audience>` for everybody else; in `callboard.v1` also `v1/<namespace>/<sessionId>` for
 * subscriptions to one session, `v1/turns[/<audience>]/agents[/<agent>]` for those of an outside agent, and
 * `v1/heartbeat` (docs/architecture.md#from-the-outbox-to-a-reader).
 */

import type { SessionId } from '../ids.ts';
import type { PrincipalId } from '../principal.ts';
import type { WireNamespace } from '../wire-event-table.ts';

export const wireFormats = ['baseline', 'v1'] as const;
export type WireFormat = (typeof wireFormats)[number];

/**
 * Who an event is for, apart from subscriptions to one session. `all`: whoever hears of every session without a tenant,
 * and of the server. `server`: everybody else who hears of the server. `tenant …`: whoever hears of every session of that
 * tenant. `principal …`: one principal. `only …`: those of another audience who are narrowed to given sessions, this one
 * among them.
 */
export type Audience = WholeAudience | `only:${SessionId}:${WholeAudience}`;
export type WholeAudience = 'all' | 'server' | `tenant:${string}` | `principal:${string}:${string}`;

export type Topic =
  | `${WireFormat}/${WireNamespace}`
  | `${WireFormat}/${WireNamespace}/${Audience}`
  | `v1/${WireNamespace}/${SessionId}`
  | `v1/turns${'' | `/${Audience}`}/agents${'' | `/${string}`}`
  | typeof heartbeatTopic;

export function audienceOfTenant(tenant: string | null): WholeAudience {
  return tenant === null ? 'all' : `tenant:${encodeURIComponent(tenant)}`;
}

export function audienceOfPrincipal(tenant: string | null, principal: PrincipalId): WholeAudience {
  return `principal:${tenant === null ? '' : encodeURIComponent(tenant)}:${encodeURIComponent(principal)}`;
}

/** Of whoever in the audience is narrowed to given sessions. */
export function audienceOfOnly(session: SessionId, audience: WholeAudience): Audience {
  return `only:${session}:${audience}`;
}

export const heartbeatTopic = 'v1/heartbeat';

/** The topic of a namespace for one audience. */
export function topicOf(format: WireFormat, namespace: WireNamespace, audience: Audience = 'all'): Topic {
  return audience === 'all' ? `${format}/${namespace}` : `${format}/${namespace}/${audience}`;
}

/** The topic of one session in a namespace. */
export function sessionTopicOf(namespace: WireNamespace, sessionId: SessionId): Topic {
  return `v1/${namespace}/${sessionId}`;
}

/** The topics of what is addressed to any agent, and to this one: an event is on one of them alone. */
export function agentTopicsOf(agent: string, audience: Audience = 'all'): readonly Topic[] {
  return [topicOfAddressee(null, audience), topicOfAddressee(agent, audience)];
}

function topicOfAddressee(agent: string | null, audience: Audience): Topic {
  const agents: Topic = audience === 'all' ? 'v1/turns/agents' : `v1/turns/${audience}/agents`;
  return agent === null ? agents : `${agents}/${agent}`;
}

/** An event, as far as it decides where it goes. */
export type Addressed = {
  readonly namespace: WireNamespace;
  readonly sessionId: SessionId | null;
  readonly audiences: readonly Audience[];
  /** The outside agent that it is addressed to; `null`: any. */
  readonly addressee?: string | null | undefined;
};

/**
 * The `callboard.v1` topics that an event goes to: its namespace's, for each audience; when it has one, its session's;
 * and when it is addressed to agents, theirs.
 */
export function callboardV1TopicsOf(event: Addressed): readonly Topic[] {
  const { namespace, sessionId, audiences, addressee } = event;
  const topics = audiences.map((audience) => topicOf('v1', namespace, audience));
  if (sessionId !== null) topics.push(sessionTopicOf(namespace, sessionId));
  if (addressee !== undefined) {
    for (const audience of audiences) topics.push(topicOfAddressee(addressee, audience));
  }
  return topics;
}
