/**
 * Authentication within the limits: an address that sent too many wrong credentials is not listened to for a while, and
 * each principal makes a bounded number of requests ([LIM22], [LIM23]).
 */
import { type Outcome, refused } from '../../../schema/refusal.ts';
import { type Authentication, credentialsIn } from '../authentication/authentication.ts';
import type { AuthenticatedRequest, Authenticator } from '../authentication/authenticator.ts';
import type { ClientAddress } from '../http/client-address.ts';
import type { ClientLimits } from './client-limits.ts';

export type CountedRequest = AuthenticatedRequest & { readonly address: ClientAddress };

export type LimitedAuthenticator = Omit<Authenticator, 'authenticate'> & {
  /** Ask it once about a request, which it counts. Never rejects. */
  readonly authenticate: (
    request: CountedRequest,
  ) => Outcome<Authentication> | Promise<Outcome<Authentication>>;
};

export function limitedLogins(
  authenticator: Authenticator,
  clientLimits: ClientLimits,
): LimitedAuthenticator {
  return {
    ...authenticator,
    authenticate(request) {
      const hasCredentials = credentialsIn(request).length > 0;
      const locked = hasCredentials ? clientLimits.loginRefusal(request.address) : null;
      if (locked !== null) return refused(locked);
      const judged = authenticator.authenticate(request);
      return judged instanceof Promise
        ? judged.then((outcome) => counted(request, hasCredentials, outcome))
        : counted(request, hasCredentials, judged);
    },
  };

  function counted(
    { address }: CountedRequest,
    hasCredentials: boolean,
    outcome: Outcome<Authentication>,
  ): Outcome<Authentication> {
    if (!outcome.ok) {
      if (hasCredentials && outcome.refusal.code === 'unauthorized') clientLimits.loginFailed(address);
      return outcome;
    }
    const tooMany = clientLimits.principalRefusal(outcome.value.principal);
    return tooMany === null ? outcome : refused(tooMany);
  }
}
