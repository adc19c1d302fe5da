/** API keys, on REST and on upgrades alike (protocol A2, B1; SPEC [AUTH1]–[AUTH5]). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';

/** The places of a request in which a key can be. Header values are empty when the header is absent. */
export type KeyBearer = {
  readonly header: (name: 'x-api-key' | 'api-key' | 'authorization') => string;
  readonly query: URLSearchParams;
};

/** Answers who asks: a name of the key that does not tell it, or {@link everybody}. */
export type ApiKeyGate = (request: KeyBearer) => Outcome<string>;

/** Whoever asks a server without keys. */
export const everybody = 'everybody';

/** Without keys everybody may enter. Throws when a key is empty: it would let everybody in unseen. */
export function createApiKeyGate(keys: readonly string[]): ApiKeyGate {
  if (keys.some((key) => key === '')) throw new RangeError('an API key must not be empty');
  if (keys.length === 0) return () => ({ ok: true, value: everybody });
  const known = keys.map(digest);
  return (request) => {
    // Digests have one length and every known one is compared, so the time taken tells nothing about a key.
    let found: Buffer | undefined;
    for (const given of keysIn(request)) {
      const candidate = digest(given);
      for (const key of known) found = timingSafeEqual(candidate, key) ? key : found;
    }
    return found === undefined
      ? refused(refusal('unauthorized', 'Invalid or missing API key'))
      : { ok: true, value: ownerOf(found) };
  };
}

/** Every key that the request carries, in no order that matters. */
export function keysIn({ header, query }: KeyBearer): readonly string[] {
  const [, bearer = ''] = /^Bearer +(.+)$/i.exec(header('authorization')) ?? [];
  const given = [header('x-api-key'), header('api-key'), bearer];
  return [...given, query.get('apiKey') ?? '', query.get('api_key') ?? ''].filter((key) => key !== '');
}

/** A digest of the digest: what is stored cannot be compared with what a key is checked by. */
function ownerOf(known: Buffer): string {
  return createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22);
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
