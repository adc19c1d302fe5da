/** API keys, on REST and on upgrades alike (protocol A2, B1; SPEC [AUTH1]–[AUTH5]). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';

/** The places of a request in which a key can be. Header values are empty when the header is absent. */
export type KeyBearer = {
  readonly header: (name: 'x-api-key' | 'api-key' | 'authorization') => string;
  readonly query: URLSearchParams;
};

/** What a key may be needed for beyond the ordinary. */
export type Scope = 'inspect';

export type ApiKeyGate = (request: KeyBearer, scope?: Scope) => Outcome<null>;

/**
 * Without keys everybody may enter; without any of either kind everybody may inspect. A key of `inspectKeys` opens
 * everything. Throws when a key is empty: it would let everybody in unseen.
 */
export function createApiKeyGate(keys: readonly string[], inspectKeys: readonly string[] = []): ApiKeyGate {
  const [ordinary, inspecting] = [known(keys), known(inspectKeys)];
  const isEither = (request: KeyBearer) => {
    // Both are asked, whatever the first says: the time taken tells nothing about a key.
    const found = [ordinary(request), inspecting(request)];
    return found.includes(true);
  };
  return (request, scope) => {
    if (keys.length + (scope === undefined ? 0 : inspectKeys.length) === 0) return entered;
    if (!isEither(request)) return refused(refusal('unauthorized', 'Invalid or missing API key'));
    if (scope === undefined || inspecting(request)) return entered;
    return refused(refusal('forbidden', 'This API key must not inspect'));
  };
}

const entered: Outcome<null> = { ok: true, value: null };

/** Whether a request carries one of `keys`. */
function known(keys: readonly string[]): (request: KeyBearer) => boolean {
  if (keys.some((key) => key === '')) throw new RangeError('an API key must not be empty');
  const digests = keys.map(digest);
  return (request) => {
    // Digests have one length and every known one is compared, so the time taken tells nothing about a key.
    let found = false;
    for (const given of keysIn(request)) {
      const candidate = digest(given);
      for (const key of digests) found = timingSafeEqual(candidate, key) || found;
    }
    return found;
  };
}

/** Every key that the request carries, in no order that matters. */
export function keysIn({ header, query }: KeyBearer): readonly string[] {
  const [, bearer = ''] = /^Bearer +(.+)$/i.exec(header('authorization')) ?? [];
  const given = [header('x-api-key'), header('api-key'), bearer];
  return [...given, query.get('apiKey') ?? '', query.get('api_key') ?? ''].filter((key) => key !== '');
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
