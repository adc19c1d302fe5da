/**
 * Connection tokens: what a back end gives to a browser instead of its key ([TOK1]–[TOK5]). Each is a JWT that this server
 * signs with a secret of its own store, so that it outlives a restart, and that nobody else can read more into than it says.
 */
import { z } from 'zod';
import type { Clock } from '../../../actors/ports.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { participantIdSchema } from '../../../schema/participant.ts';
import { type Principal, scopeSchema, tenantSchema } from '../../../schema/principal.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type Authentication, authenticated, type CredentialKind } from './authentication.ts';

/** Loaded for the first token. */
const loadJose = () => import('jose');

const type = 'callboard-token+jwt';
const issuer = 'callboard';
const algorithm = 'HS256';

const claimsSchema = z.object({
  sub: participantIdSchema,
  name: z.string().nullable(),
  tenant: tenantSchema.nullable(),
  scopes: z.array(scopeSchema),
  sessions: z.array(sessionIdSchema).max(limits.tokenSessionsMax).nullable(),
  credentials: z.array(z.string()),
  exp: z.number(),
});

export type ConnectionTokensOptions = {
  /** Of the store; never shown, never logged. */
  readonly secret: string;
  /** Whether a token may still rest on this credential. */
  readonly isGood: (credential: string) => boolean;
  readonly clock: Pick<Clock, 'now'>;
};

export type ConnectionTokens = CredentialKind & {
  /** Signs a token for the principal. `endsAt` is rounded down to a second. */
  readonly made: (given: {
    readonly principal: Principal;
    readonly credentials: readonly string[];
    readonly endsAt: Milliseconds;
  }) => Promise<string>;
};

export function connectionTokens({ secret, isGood, clock }: ConnectionTokensOptions): ConnectionTokens {
  const key = new TextEncoder().encode(secret);
  return {
    made: async ({ principal: { id, name, tenant, scopes, sessions }, credentials, endsAt }) => {
      const { SignJWT } = await loadJose();
      return new SignJWT({
        name,
        tenant,
        scopes: [...scopes],
        sessions: sessions === null ? null : [...sessions],
        credentials,
      })
        .setProtectedHeader({ alg: algorithm, typ: type })
        .setIssuer(issuer)
        .setSubject(id)
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .setExpirationTime(Math.floor(endsAt / 1000))
        .sign(key);
    },
    judge: (credential) => (isCompactJws(credential) ? judged(credential) : undefined),
  };

  async function judged(token: string): Promise<Outcome<Authentication> | undefined> {
    const { errors, jwtVerify } = await loadJose();
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: type,
        issuer,
        currentDate: new Date(clock.now()),
      });
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success || !claims.data.credentials.every(isGood)) {
        return refused(refusal('unauthorized', 'The token has been revoked'));
      }
      const { sub: id, name, tenant, scopes, sessions, credentials, exp } = claims.data;
      return authenticated(
        {
          id,
          name,
          tenant,
          scopes: new Set(scopes),
          sessions: sessions === null ? null : new Set(sessions),
        },
        { credentials, end: { at: exp * 1000, close: 'tokenEnded' } },
      );
    } catch (error) {
      // Others are no tokens of this server.
      return error instanceof errors.JWTExpired ? tokenEnded : undefined;
    }
  }
}

export const tokenEnded = refused(refusal('unauthorized', 'The token has ended'));

/** Whether it has the form of a JWT: other credentials are not looked at any further. */
export function isCompactJws(credential: string): boolean {
  return credential.length <= limits.tokenCharactersMax && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
}
