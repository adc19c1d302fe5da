/** `POST /tokens`: a back end gets a token for a browser, which never allows more than the back end has ([TOK1]–[TOK3]). */
import type { Clock } from '../../../actors/ports.ts';
import type { ConnectionToken, CreateToken } from '../../../schema/connection-token.ts';
import { hasScope, type Principal, scopesOfNobodyNamed } from '../../../schema/principal.ts';
import { accepted, missingScope, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import type { Authentication } from './authentication.ts';
import { principalNamedBy } from './authenticator.ts';
import type { ConnectionTokens } from './connection-tokens.ts';

/** The token, and whose requests it makes. */
export type MadeToken = ConnectionToken & { readonly principal: Principal };
export type MakeToken = (by: Authentication, asked: CreateToken) => Promise<Outcome<MadeToken>>;

export function tokenRequests(tokens: Pick<ConnectionTokens, 'made'>, clock: Pick<Clock, 'now'>): MakeToken {
  return async ({ principal: caller, credentials, end }, asked) => {
    const id = asked.principal ?? caller.id;
    if (id !== caller.id && !hasScope(caller, 'act-as')) return refused(missingScope('act-as'));
    for (const scope of asked.scopes ?? []) {
      if (!hasScope(caller, scope)) return refused(missingScope(scope));
      if (id !== caller.id && scopesOfNobodyNamed.has(scope)) {
        return refused(refusal('forbidden', `A token of somebody else cannot have the scope ${scope}`));
      }
    }
    const beyond = asked.sessions?.find((session) => caller.sessions?.has(session) === false);
    if (beyond !== undefined) {
      return refused(refusal('forbidden', `What you may do is narrowed to other sessions than ${beyond}`));
    }
    const named = principalNamedBy(caller, {
      id,
      scopes: asked.scopes,
      name: asked.name ?? (id === caller.id ? (caller.name ?? undefined) : undefined),
    });
    if (!named.ok) return named;
    const principal = {
      ...named.value,
      sessions: asked.sessions === undefined ? caller.sessions : new Set(asked.sessions),
    };
    // Whole seconds, as in the token.
    const wanted = Math.floor(clock.now() / 1000 + asked.ttlSeconds) * 1000;
    const endsAt = Math.min(wanted, end?.at ?? Number.POSITIVE_INFINITY);
    const token = await tokens.made({ principal, credentials, endsAt });
    return accepted({ token, expiresAt: isoTimestamp(endsAt), principal });
  };
}
