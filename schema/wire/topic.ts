/**
 * Topic grammar: `<format>/<namespace>` for those who hear of all sessions without a tenant and of the server,
 * `<format>/<namespace>/<audience>` for everybody else; in `callboard.v1` also `v1/<namespace>/<sessionId>` for
 * subscriptions to one session, `v1/turns[/<audience>]/agents[/<agent>]` for those of an outside agent, and
 * `v1/heartbeat` (docs/architecture.md#from-the-outbox-to-a-reader).
 *
 * The compact form writes texts that grow in another way, and nothing else ([V1F1]). So its readers share the topics of
 * `callboard.v1`, but for the namespace of those texts.
 */

import type { SessionId } from '../ids.ts';
import type { PrincipalId } from '../principal.ts';
import type { WireNamespace } from '../wire-event-table.ts';

/** The two forms of `callboard.v1`. */
export const callboardV1Forms = ['v1', 'compact'] as const;
export type CallboardV1Form = (typeof callboardV1Forms)[number];

export const wireFormats = ['baseline', ...callboardV1Forms] as const;
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
  | `${CallboardV1Form}/${WireNamespace}/${SessionId}`
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
  const written = formatIn(namespace, format);
  return audience === 'all' ? `${written}/${namespace}` : `${written}/${namespace}/${audience}`;
}

/** The topic of one session in a namespace. */
export function sessionTopicOf(
  namespace: WireNamespace,
  sessionId: SessionId,
  form: CallboardV1Form = 'v1',
): Topic {
  return `${formatIn(namespace, form)}/${namespace}/${sessionId}`;
}

/** The format that the frames of a namespace have for a reader of `format`. */
function formatIn<Format extends WireFormat>(namespace: WireNamespace, format: Format): Format | 'v1' {
  return format === 'compact' && !hasGrowingTexts(namespace) ? 'v1' : format;
}

/** All events that are sent as deltas are in one namespace (`deltaOf`). */
function hasGrowingTexts(namespace: WireNamespace): boolean {
  return namespace === 'chat-messages';
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

/** The `callboard.v1` topics that an event goes to: those of either form. */
export function callboardV1TopicsOf(event: Addressed): readonly Topic[] {
  const topics = formTopicsOf('v1', event);
  return hasGrowingTexts(event.namespace) ? [...topics, ...formTopicsOf('compact', event)] : topics;
}

/**
 * The topics of one form: the namespace's, for each audience; when the event has one, its session's; and when it is
 * addressed to agents, theirs.
 */
export function formTopicsOf(form: CallboardV1Form, event: Addressed): readonly Topic[] {
  const { namespace, sessionId, audiences, addressee } = event;
  const topics = audiences.map((audience) => topicOf(form, namespace, audience));
  if (sessionId !== null) topics.push(sessionTopicOf(namespace, sessionId, form));
  if (addressee !== undefined) {
    for (const audience of audiences) topics.push(topicOfAddressee(addressee, audience));
  }
  return topics;
}
