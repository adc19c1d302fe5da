/** What the page offers its user. It leaves out what the server would refuse; the server decides nevertheless. */
import { roleAllows } from '../../../schema/role-permissions.ts';
import type { Participant } from '../../client/administration.ts';
import type { GreetedPrincipal } from '../../client/client.ts';

export type Permissions = {
  /** To send messages, and to do anything else in a session but to read it. */
  readonly write: boolean;
  /** To begin sessions. */
  readonly begin: boolean;
  /** To open the inspector. */
  readonly inspect: boolean;
};

/** `undefined`: the server has not said it yet, or never does. Then everything is offered. */
export function permissionsOf(principal: GreetedPrincipal | undefined): Permissions {
  if (principal === undefined) return { write: true, begin: true, inspect: true };
  const { scopes, narrowed } = principal;
  const write = scopes.includes('chat');
  return { write, begin: write && !narrowed, inspect: scopes.includes('inspect') && !narrowed };
}

export type SessionPermissions = {
  /** To send messages, and to do with them what one may. */
  readonly write: boolean;
  /** To change the session itself, and to decide about tool calls. */
  readonly own: boolean;
};

/**
 * What the user may do in a session, by the role with which it takes part. Whoever does not take part sees the session
 * because it made it, or sees all.
 */
export function permissionsIn(
  participants: readonly Pick<Participant, 'id' | 'role'>[],
  principal: GreetedPrincipal | undefined,
): SessionPermissions {
  const { write } = permissionsOf(principal);
  const role = participants.find(({ id }) => id === principal?.id)?.role;
  if (role === undefined || principal?.scopes.includes('sessions:all') === true) return { write, own: write };
  return { write: write && roleAllows(role, 'take part'), own: write && roleAllows(role, 'own') };
}
