/** What a connection may hear: the audiences that it belongs to, and the sessions that it may see. */
import { maySee, type SessionAccess } from '../../../schema/authorization.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { hasScope, type Principal } from '../../../schema/principal.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import {
  type Audience,
  audienceOfOnly,
  audienceOfPrincipal,
  audienceOfTenant,
  type WholeAudience,
} from '../../../schema/wire/topic.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import type { SessionAccesses } from './session-accesses.ts';

export type Reach = {
  readonly audiences: readonly Audience[];
  /** Whether it hears anything of the namespace. */
  readonly hears: (namespace: WireNamespace) => boolean;
  /** `unknown`: whose the session is must be read first. `null`: what belongs to the server, or has an access of its own. */
  readonly sees: (
    sessionId: SessionId | null,
    namespace: WireNamespace,
    own?: SessionAccess | undefined,
  ) => boolean | 'unknown';
};

/** That of everybody on a server without authentication. */
export const hearsEverything: Reach = { audiences: ['all'], hears: () => true, sees: () => true };

export function reachOf(principal: Principal, accesses: Pick<SessionAccesses, 'known'>): Reach {
  const audiences = audiencesHeard(principal);
  return {
    audiences,
    hears: (namespace) => hears(principal, namespace),
    sees: (sessionId, namespace, own) => {
      if (own !== undefined) return maySee(principal, sessionId, own);
      if (sessionId === null || namespace === 'audit')
        return audiencesOfServer(namespace).some((one) => audiences.includes(one));
      const access = accesses.known(sessionId);
      return access === undefined ? 'unknown' : maySee(principal, sessionId, access);
    },
  };
}

function audiencesHeard({ id, tenant, scopes, sessions }: Principal): readonly Audience[] {
  const whole = scopes.has('sessions:all') ? audienceOfTenant(tenant) : audienceOfPrincipal(tenant, id);
  if (sessions !== null) return ['server', ...[...sessions].map((session) => audienceOfOnly(session, whole))];
  // What goes to `all` includes what is of the server.
  return whole === 'all' ? [whole] : [whole, 'server'];
}

function hears(principal: Principal, namespace: WireNamespace): boolean {
  switch (namespace) {
    case 'logs':
      return hasScope(principal, 'logs');
    case 'audit':
      // It tells of every tenant.
      return hasScope(principal, 'audit') && principal.tenant === null && principal.sessions === null;
    case 'chat-sessions':
    case 'chat-messages':
    case 'traces':
    case 'config':
    case 'tools':
    case 'turns':
      return hasScope(principal, 'read');
    default:
      return unreachable(namespace);
  }
}

/** Of an event that belongs to no session. A trace without one that is nobody's is of whoever sees everything. */
export function audiencesOfServer(namespace: WireNamespace): readonly Audience[] {
  return namespace === 'traces' ? ofTracesAlone : ofServer;
}

const ofServer: readonly Audience[] = ['all', 'server'];
const ofTracesAlone: readonly Audience[] = ['all'];

/** The same array for the same access: they are asked for with each event. */
export function audiencesOf(access: SessionAccess): readonly WholeAudience[] {
  const known = kept.get(access);
  if (known !== undefined) return known;
  const { owner, tenant, members } = access;
  const principals = new Set([...(owner === null ? [] : [owner]), ...members.keys()]);
  const audiences = [
    audienceOfTenant(tenant),
    ...[...principals].map((principal) => audienceOfPrincipal(tenant, principal)),
  ];
  kept.set(access, audiences);
  return audiences;
}

const kept = new WeakMap<SessionAccess, readonly WholeAudience[]>();
