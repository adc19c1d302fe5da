/** What the page offers its user. It leaves out what the server would refuse; the server decides nevertheless. */
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
