/** API keys, for REST and for upgrades alike (docs/protocol.md A2, B1; SPEC [AUTH1]–[AUTH5]). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { participantIdSchema } from '../../../schema/participant.ts';
import { local, type Principal, type Scope, scopes } from '../../../schema/principal.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';

/** The places of a request that may hold a key. A header's value is empty when the header is absent. */
export type KeyBearer = {
  readonly header: (name: 'x-api-key' | 'api-key' | 'authorization') => string;
  readonly query: URLSearchParams;
};

/** A key of the config: the key alone, or with what it allows. */
export type ConfiguredKey =
  | string
  | {
      readonly key: string;
      readonly name?: string | undefined;
      readonly scopes?: readonly Scope[] | undefined;
      readonly tenant?: string | undefined;
    };

export type ConfiguredKeys = {
  readonly apiKeys: readonly ConfiguredKey[];
  readonly inspectKeys?: readonly string[] | undefined;
};

/** Returns who makes the request. */
export type Authenticator = (request: KeyBearer) => Outcome<Principal>;

/** What a key without scopes allows where there are several: otherwise each could do everything to all the others. */
const narrowed: readonly Scope[] = ['chat'];
const ofInspectors: readonly Scope[] = ['chat', 'inspect', 'sessions:all'];

type KnownKey = { readonly digest: Buffer; readonly principal: Principal };

/** Whether requests need a key. */
export function hasKeys({ apiKeys, inspectKeys = [] }: ConfiguredKeys): boolean {
  return apiKeys.length + inspectKeys.length > 0;
}

/** How many keys have fewer scopes than a key alone would have; the start says so. */
export function narrowedKeys({ apiKeys, inspectKeys = [] }: ConfiguredKeys): number {
  if (apiKeys.length + inspectKeys.length < 2) return 0;
  return apiKeys.filter((key) => typeof key === 'string' || key.scopes === undefined).length;
}

/**
 * Without any key, everybody is {@link local}. One key alone that says no scopes has all of them; beside others it has
 * `chat`. Throws when a key is empty: it would let everybody in unnoticed.
 */
export function keyAuthenticator(configured: ConfiguredKeys): Authenticator {
  const known = knownKeys(configured);
  if (known.length === 0) return () => accepted(local);
  return (request) => {
    // Digests have equal lengths and every known one is compared, so the time taken reveals nothing about a key.
    let found: Principal | undefined;
    for (const given of keysIn(request)) {
      const candidate = digest(given);
      for (const { digest: of, principal } of known)
        if (timingSafeEqual(candidate, of)) found = wider(found, principal);
    }
    return found === undefined
      ? refused(refusal('unauthorized', 'Invalid or missing API key'))
      : accepted(found);
  };
}

/** A request may carry several keys: the one that allows more counts. */
function wider(one: Principal | undefined, other: Principal): Principal {
  return one !== undefined && one.scopes.size >= other.scopes.size ? one : other;
}

function knownKeys({ apiKeys, inspectKeys = [] }: ConfiguredKeys): readonly KnownKey[] {
  const isAlone = apiKeys.length + inspectKeys.length === 1;
  const ordinary = apiKeys.map((one): KnownKey => {
    const { key, ...says } = typeof one === 'string' ? { key: one } : one;
    return knownKey(key, { ...says, scopes: says.scopes ?? (isAlone ? scopes : narrowed) });
  });
  return [...inspectKeys.map((key) => knownKey(key, { scopes: ofInspectors })), ...ordinary];
}

function knownKey(
  key: string,
  says: {
    readonly name?: string | undefined;
    readonly scopes: readonly Scope[];
    readonly tenant?: string | undefined;
  },
): KnownKey {
  if (key === '') throw new RangeError('an API key must not be empty');
  const known = digest(key);
  const id = participantIdSchema.parse(`key:${idOf(known)}`);
  const principal = {
    id,
    name: says.name ?? null,
    tenant: says.tenant ?? null,
    scopes: new Set(says.scopes),
  };
  return { digest: known, principal };
}

/** Every key that the request carries; their order does not matter. */
export function keysIn({ header, query }: KeyBearer): readonly string[] {
  const [, bearer = ''] = /^Bearer +(.+)$/i.exec(header('authorization')) ?? [];
  const given = [header('x-api-key'), header('api-key'), bearer];
  return [...given, query.get('apiKey') ?? '', query.get('api_key') ?? ''].filter((key) => key !== '');
}

/** A digest of the digest: the id cannot be used to check a key. */
function idOf(known: Buffer): string {
  return createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22);
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
