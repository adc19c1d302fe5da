/**
 * May a principal do this? The one place that decides it (docs/security.md). Pure.
 *
 * A session belongs to the principal that made it. Participants open it to others: an `owner` may do what whoever made
 * it may, an `agent` takes part in the conversation, an `observer` reads.
 */
import type { SessionId } from './ids.ts';
import type { ParticipantId, ParticipantRole } from './participant.ts';
import { hasScope, local, type Principal, type PrincipalId } from './principal.ts';
import { type Refusal, refusal } from './refusal.ts';
import { roleAllows, type SessionAction } from './role-permissions.ts';

/** Whose a session is. */
export type SessionOwner = {
  /** `null`: it was made before sessions had owners, and belongs to whoever has `sessions:all`. */
  readonly owner: PrincipalId | null;
  readonly tenant: string | null;
};

/** A text that no other owner has. */
export function ownerKey({ owner, tenant }: SessionOwner): string {
  return JSON.stringify([tenant, owner]);
}

/** … and who takes part in it. */
export type SessionAccess = SessionOwner & {
  readonly members: ReadonlyMap<ParticipantId, ParticipantRole>;
};

/** `unseen`: it does not exist for the principal. `forbidden`: it does, and the principal's role does not allow it. */
export type Authorization = 'allowed' | 'forbidden' | 'unseen';

/** `session`: `null` of what belongs to none, with {@link nobodys}. */
export function may(
  principal: Principal,
  action: SessionAction,
  session: SessionId | null,
  access: SessionAccess,
): Authorization {
  const { sessions } = principal;
  if (sessions !== null && (session === null || !sessions.has(session))) return 'unseen';
  if (principal.tenant !== access.tenant) return 'unseen';
  if (principal.id === access.owner || hasScope(principal, 'sessions:all')) return 'allowed';
  const role = access.members.get(principal.id);
  if (role === undefined) return 'unseen';
  return roleAllows(role, action) ? 'allowed' : 'forbidden';
}

export function maySee(principal: Principal, session: SessionId | null, access: SessionAccess): boolean {
  return may(principal, 'see', session, access) === 'allowed';
}

/** Why the principal makes no sessions, or `null`: it may. */
export function refusalToMakeSessions({ sessions }: Principal): Refusal | null {
  return sessions === null ? null : refusal('forbidden', 'What you may do is narrowed to given sessions');
}

/** What has no session and no owner, such as the oldest traces of no session: it is of whoever sees all sessions and has no tenant. */
export const nobodys: SessionAccess = { owner: null, tenant: null, members: new Map() };

/** Whose the sessions are that the principal makes; without authentication they have no owner. */
export function ownershipOf(principal: Principal): SessionOwner | undefined {
  return principal === local ? undefined : { owner: principal.id, tenant: principal.tenant };
}

/** What lists show a principal: the sessions of its tenant, all of them or those that are its own or open to it. */
export type Visibility = {
  readonly principal: PrincipalId;
  readonly tenant: string | null;
  readonly all: boolean;
  /** Of those, these alone. `null`: every one. */
  readonly only: readonly SessionId[] | null;
};

/** `undefined`: everything. */
export function visibilityOf(principal: Principal): Visibility | undefined {
  if (principal === local) return undefined;
  const { id, tenant, sessions } = principal;
  return {
    principal: id,
    tenant,
    all: hasScope(principal, 'sessions:all'),
    only: sessions === null ? null : [...sessions],
  };
}

/** Whose a file is, and whether it is in a session that whoever asks sees. */
export type FileAccess = SessionOwner & { readonly isInSeenSession: boolean };

/** Whose a trace is: with its session, or of its own if it has none. */
export type TraceAccess = SessionOwner & { readonly sessionId: SessionId | null };

/** A file is seen by whoever stored it, and with the sessions in whose messages it is. */
export function maySeeFile({ principal, tenant, all, only }: Visibility, file: FileAccess): boolean {
  if (file.isInSeenSession) return true;
  return tenant === file.tenant && ((all && only === null) || principal === file.owner);
}
