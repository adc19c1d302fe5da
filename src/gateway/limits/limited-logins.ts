/**
 * Authentication within the limits: an address that sent too many wrong credentials is not listened to for a while, and
 * each principal makes a bounded number of requests ([LIM22], [LIM23]).
 */
import type { Principal } from '../../../schema/principal.ts';
import { type Outcome, refused } from '../../../schema/refusal.ts';
import { type Authenticator, type KeyBearer, keysIn } from '../http/api-key.ts';
import type { ClientAddress } from '../http/client-address.ts';
import type { ClientLimits } from './client-limits.ts';

export type CountedRequest = KeyBearer & { readonly address: ClientAddress };

/** A request is counted once, however often it is asked who makes it. */
export function limitedLogins(
  authenticate: Authenticator,
  clientLimits: ClientLimits,
): (request: CountedRequest) => Outcome<Principal> {
  const known = new WeakMap<CountedRequest, Outcome<Principal>>();
  return (request) => {
    const earlier = known.get(request);
    if (earlier !== undefined) return earlier;
    const outcome = once(request);
    known.set(request, outcome);
    return outcome;
  };

  function once(request: CountedRequest): Outcome<Principal> {
    const hasCredentials = keysIn(request).length > 0;
    const locked = hasCredentials ? clientLimits.loginRefusal(request.address) : null;
    if (locked !== null) return refused(locked);
    return judged(request, hasCredentials, authenticate(request));
  }

  function judged(
    { address }: CountedRequest,
    hasCredentials: boolean,
    outcome: Outcome<Principal>,
  ): Outcome<Principal> {
    if (!outcome.ok) {
      if (hasCredentials && outcome.refusal.code === 'unauthorized') clientLimits.loginFailed(address);
      return outcome;
    }
    const tooMany = clientLimits.principalRefusal(outcome.value);
    return tooMany === null ? outcome : refused(tooMany);
  }
}
