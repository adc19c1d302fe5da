/** What the gateway tells the audit (SPEC [AUD1]). */
import type { AuditLog } from '../actors/audit-log.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { MakeToken } from './gateway/authentication/token-requests.ts';
import type { RefusedByLimit } from './gateway/limits/limit-refusals.ts';

/** Tells of each token that is made. */
export function auditedTokens(makeToken: MakeToken, audit: AuditLog): MakeToken {
  return async (by, asked) => {
    const made = await makeToken(by, asked);
    if (made.ok) {
      const { principal, expiresAt } = made.value;
      const { id, tenant, scopes, sessions } = principal;
      audit.record({
        type: 'token.created',
        data: {
          principal: id,
          tenant,
          scopes: [...scopes],
          sessions: sessions === null ? null : [...sessions],
          expiresAt,
          by: by.principal.id,
        },
      });
    }
    return made;
  };
}

/** Tells what limits refused, once a minute for each kind and client. */
export function auditedRefusals(audit: AuditLog): (line: RefusedByLimit) => void {
  return ({ kind, client, count, since }) =>
    audit.record({
      type: 'refusals.counted',
      data: {
        kind,
        address: client.of === 'address' ? client.address : null,
        principal: client.of === 'principal' ? client.principal.owner : null,
        count,
        since: isoTimestamp(since),
      },
    });
}
