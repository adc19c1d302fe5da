/** The API keys of the config (docs/protocol.md A2, B1; SPEC [AUTH1]–[AUTH7]). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { participantIdSchema } from '../../../schema/participant.ts';
import { type Principal, type Scope, scopes } from '../../../schema/principal.ts';
import type { Outcome } from '../../../schema/refusal.ts';
import { type Authentication, authenticated } from './authentication.ts';

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
 * The keys of the config. One key alone that says no scopes has all of them; beside others it has `chat`. Throws a RangeError
 * when a key is empty: it would let everybody in unnoticed.
 */
export function configuredKeys(configured: ConfiguredKeys): {
  readonly judge: (credential: string) => Outcome<Authentication> | undefined;
  /** Whether it is the id of one of these keys' principals. */
  readonly isGood: (credential: string) => boolean;
} {
  const known = knownKeys(configured);
  const ids = new Set<string>(known.map(({ principal }) => principal.id));
  return {
    isGood: (credential) => ids.has(credential),
    judge: (credential) => {
      // Digests have equal lengths and every known one is compared, so the time taken reveals nothing about a key.
      const candidate = digest(credential);
      let found: Principal | undefined;
      for (const { digest: of, principal } of known) if (timingSafeEqual(candidate, of)) found = principal;
      if (found === undefined) return undefined;
      const commandOwner = candidate.toString('base64url').slice(0, 16);
      return authenticated(found, { credentials: [found.id], end: null, commandOwner });
    },
  };
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
    sessions: null,
  };
  return { digest: known, principal };
}

/** A digest of the digest: the id cannot be used to check a key. */
function idOf(known: Buffer): string {
  return createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22);
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
