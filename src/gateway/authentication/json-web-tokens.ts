/**
 * JSON Web Tokens of an issuer that the config names ([JWT1]–[JWT4]). `jose` checks signatures and times; what a token says
 * is taken as far as the config lets it.
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  importJWK,
  importSPKI,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import type { Clock, Log } from '../../../actors/ports.ts';
import { type SessionId, sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { participantIdSchema } from '../../../schema/participant.ts';
import { type Scope, scopeSchema, tenantSchema } from '../../../schema/principal.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { boundedText } from '../../../schema/validation.ts';
import type { JwtSettings } from '../../config/jwt-settings.ts';
import { type Authentication, authenticated, type CredentialKind } from './authentication.ts';
import { isCompactJws, tokenEnded } from './connection-tokens.ts';

const nameSchema = boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax });
const textSchema = z.union([z.string(), z.array(z.string())]);
const sessionsSchema = z.array(sessionIdSchema).max(limits.tokenSessionsMax);

export type JsonWebTokensOptions = {
  readonly settings: JwtSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
};

/** Rejects with an Error that says which static key cannot be read. */
export async function jsonWebTokens(options: JsonWebTokensOptions): Promise<CredentialKind> {
  const { settings, clock, log } = options;
  const findKey = settings.jwksUrl === undefined ? await staticKeys(settings) : remoteKeys(options);
  return { judge: (credential) => (isCompactJws(credential) ? judged(credential) : undefined) };

  async function judged(token: string): Promise<Outcome<Authentication> | undefined> {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, findKey, {
        algorithms: [...settings.algorithms],
        issuer: settings.issuer,
        ...(settings.audience === undefined ? {} : { audience: settings.audience }),
        clockTolerance: settings.clockToleranceSeconds,
        requiredClaims: ['exp'],
        currentDate: new Date(clock.now()),
      }));
    } catch (error) {
      return refusalOf(error);
    }
    return authenticationOf(payload);
  }

  function refusalOf(error: unknown): Outcome<never> | undefined {
    if (error instanceof errors.JWTExpired) return tokenEnded;
    if (error instanceof errors.JWTClaimValidationFailed) {
      // Not of this issuer: another kind of credential may know it.
      if (error.claim === 'iss') return undefined;
      return invalid(`its claim ${JSON.stringify(error.claim)} is not the expected one`);
    }
    if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
      return invalid('it is not signed with a key of its issuer');
    }
    if (error instanceof errors.JOSEAlgNotAllowed)
      return invalid('it is signed with an algorithm that is not allowed');
    if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return undefined;
    log.warn('The keys of the issuer of tokens cannot be read', { error: String(error) });
    return refused(refusal('unavailable', 'Tokens cannot be checked now'));
  }

  function authenticationOf(payload: JWTPayload): Outcome<Authentication> {
    const { claims } = settings;
    const subject = z.union([z.string().min(1), z.number()]).safeParse(payload[claims.id]);
    if (!subject.success) return invalid(`its claim ${JSON.stringify(claims.id)} names nobody`);
    const id = participantIdSchema.safeParse(`jwt:${settings.issuer}:${subject.data}`);
    if (!id.success)
      return invalid(`its claim ${JSON.stringify(claims.id)} is too long, or has unusual characters`);
    const tenant = claims.tenant === undefined ? undefined : payload[claims.tenant];
    const ofTenant = tenantSchema.nullish().safeParse(tenant);
    if (!ofTenant.success) return invalid(`its claim ${JSON.stringify(claims.tenant)} is no tenant`);
    if (settings.tenant === 'required' && (ofTenant.data ?? null) === null) {
      return invalid(`its claim ${JSON.stringify(claims.tenant)} names no tenant`);
    }
    const sessions = sessionsOf(claims.sessions === undefined ? undefined : payload[claims.sessions]);
    if (sessions === undefined) {
      return invalid(`its claim ${JSON.stringify(claims.sessions)} is no list of ids of sessions`);
    }
    const name = claims.name === undefined ? undefined : nameSchema.safeParse(payload[claims.name]).data;
    return authenticated(
      {
        id: id.data,
        name: name ?? null,
        tenant: ofTenant.data ?? null,
        scopes: scopesOf(payload[claims.scopes]),
        sessions,
      },
      {
        credentials: [],
        end: {
          at: ((payload.exp ?? 0) + settings.clockToleranceSeconds) * 1000,
          close: 'tokenEnded',
        },
      },
    );
  }

  /** Words that are no scopes of ours are those of other programs. A token that has none of ours gets what the config says. */
  function scopesOf(claim: unknown): ReadonlySet<Scope> {
    const given = textSchema.safeParse(claim).data ?? [];
    const words = typeof given === 'string' ? given.split(' ') : given;
    const { scopePrefix } = settings;
    const named = words
      .filter((word) => word.startsWith(scopePrefix))
      .flatMap((word) => scopeSchema.safeParse(word.slice(scopePrefix.length)).data ?? []);
    const scopes = named.length > 0 ? named : settings.scopesDefault;
    return new Set(scopes.filter((scope) => settings.scopesMax.includes(scope)));
  }
}

/** `null`: the token is not narrowed; `undefined`: its claim cannot be read. */
function sessionsOf(claim: unknown): ReadonlySet<SessionId> | null | undefined {
  if (claim === undefined || claim === null) return null;
  const given = sessionsSchema.safeParse(claim);
  return given.success ? new Set(given.data) : undefined;
}

function invalid(why: string): Outcome<never> {
  return refused(refusal('unauthorized', `The token is not valid: ${why}`));
}

/** Cached for ten minutes; an unknown `kid` has them read again, at most every 30 s. */
function remoteKeys({ settings, fetch = globalThis.fetch }: JsonWebTokensOptions): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(settings.jwksUrl ?? ''), {
    timeoutDuration: limits.jwksFetchMs,
    [customFetch]: async (url, init) => {
      const response = await fetch(url, init);
      return new Response(await boundedBytes(response), { status: response.status });
    },
  });
}

async function boundedBytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limits.jwksBytesMax)
      throw new Error(`the set of keys has more than ${limits.jwksBytesMax} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function staticKeys({ keys }: JwtSettings): Promise<JWTVerifyGetKey> {
  const known = await Promise.all(
    keys.map(async (one, index) => {
      try {
        return { ...one, key: await importedKey(one) };
      } catch (cause) {
        throw new Error(`jwt.keys.${index} cannot be read as a key for ${one.algorithm}`, { cause });
      }
    }),
  );
  return (header) => {
    const fitting = known.filter(({ algorithm }) => algorithm === header.alg);
    const [found] = fitting.filter(
      ({ id }) => header.kid === undefined || id === undefined || id === header.kid,
    );
    if (found === undefined) throw new errors.JWKSNoMatchingKey();
    return found.key;
  };
}

async function importedKey({ algorithm, key }: JwtSettings['keys'][number]) {
  if (algorithm === 'HS256') return new TextEncoder().encode(key);
  if (!key.trimStart().startsWith('{')) return await importSPKI(key, algorithm);
  return await importJWK(z.looseObject({ kty: z.string() }).parse(JSON.parse(key)), algorithm);
}
