/** API keys, for REST and for upgrades alike (docs/protocol.md A2, B1; SPEC [AUTH1]–[AUTH5]). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';

/** The places of a request that may hold a key. A header's value is empty when the header is absent. */
export type KeyBearer = {
  readonly header: (name: 'x-api-key' | 'api-key' | 'authorization') => string;
  readonly query: URLSearchParams;
};

/** What a key must allow besides ordinary use. */
export type Scope = 'inspect';

/** The owner of every request to a server without keys. */
export const everybody = 'everybody';

/** Returns who makes the request: a name derived from the key that does not reveal it, or {@link everybody}. */
export type ApiKeyGate = (request: KeyBearer, scope?: Scope) => Outcome<string>;

/**
 * Without `keys`, everybody may call; without keys of either kind, everybody may inspect. A key of `inspectKeys`
 * allows everything. Throws when a key is empty: it would let everybody in unnoticed.
 */
export function createApiKeyGate(keys: readonly string[], inspectKeys: readonly string[] = []): ApiKeyGate {
  const [ordinary, inspecting] = [knownOwner(keys), knownOwner(inspectKeys)];
  return (request, scope) => {
    if (keys.length + (scope === undefined ? 0 : inspectKeys.length) === 0) return accepted(everybody);
    // Both are always checked, so that the time taken reveals nothing about a key.
    const [user, inspector] = [ordinary(request), inspecting(request)];
    const owner = inspector ?? user;
    if (owner === undefined) return refused(refusal('unauthorized', 'Invalid or missing API key'));
    if (scope !== undefined && inspector === undefined)
      return refused(refusal('forbidden', 'This API key must not inspect'));
    return accepted(owner);
  };
}

/** Finds which of `keys` a request carries, and returns its owner's name. */
function knownOwner(keys: readonly string[]): (request: KeyBearer) => string | undefined {
  if (keys.some((key) => key === '')) throw new RangeError('an API key must not be empty');
  const known = keys.map(digest);
  return (request) => {
    // Digests have equal lengths and every known one is compared, so the time taken reveals nothing about a key.
    let found: Buffer | undefined;
    for (const given of keysIn(request)) {
      const candidate = digest(given);
      for (const key of known) found = timingSafeEqual(candidate, key) ? key : found;
    }
    return found && ownerOf(found);
  };
}

/** Every key that the request carries; their order does not matter. */
export function keysIn({ header, query }: KeyBearer): readonly string[] {
  const [, bearer = ''] = /^Bearer +(.+)$/i.exec(header('authorization')) ?? [];
  const given = [header('x-api-key'), header('api-key'), bearer];
  return [...given, query.get('apiKey') ?? '', query.get('api_key') ?? ''].filter((key) => key !== '');
}

/** A digest of the digest: the stored name cannot be used to check a key. */
function ownerOf(known: Buffer): string {
  return createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22);
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
