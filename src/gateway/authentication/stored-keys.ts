/**
 * The keys that the store keeps, as requests meet them: found by their secret, in memory (SPEC KEY). Which there are is
 * decided by `machines/key-ring.ts`; this is told what is committed.
 */
import type { Clock, Log } from '../../../actors/ports.ts';
import type { KeyHost } from '../../../actors/stored-keys.ts';
import { isDeadKey } from '../../../machines/key-ring.ts';
import { type KeyId, keyIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Principal } from '../../../schema/principal.ts';
import type { Outcome } from '../../../schema/refusal.ts';
import { type HeldKey, type KeyFact, principalIdOfKey, type StoredKey } from '../../../schema/stored-key.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../../../schema/timestamp.ts';
import { type Authentication, authenticated, type CredentialKind } from './authentication.ts';
import { keyDigest, newKeySecret } from './key-secret.ts';

export type StoredKeysOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Writes when keys were used last. May reject; it is tried again. */
  readonly noteUses: (uses: ReadonlyMap<KeyId, Milliseconds>) => Promise<void>;
};

/** What a secret opens; `version`: which of the key's secrets it is. */
type Entry = { readonly held: HeldKey; readonly version: number; readonly until: Milliseconds | null };

export class StoredKeys implements KeyHost, CredentialKind {
  readonly #options: StoredKeysOptions;
  readonly #byDigest = new Map<string, Entry>();
  readonly #keys = new Map<KeyId, HeldKey>();
  readonly #principals = new Map<KeyId, Principal>();
  readonly #lastUses = new Map<KeyId, Milliseconds>();
  /** Used since the last uses were written. */
  readonly #unwritten = new Set<KeyId>();
  readonly #revokedListeners: ((credential: string) => void)[] = [];
  readonly #firstKeyListeners: (() => void)[] = [];
  /** Ends the wait for the end of a key's overlap. */
  readonly #overlaps = new Map<KeyId, () => void>();
  #cancelWriting: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: StoredKeysOptions) {
    this.#options = options;
  }

  readonly newSecret: KeyHost['newSecret'] = () => {
    const secret = newKeySecret();
    return { secret, digest: keyDigest(secret) ?? '' };
  };

  readonly offer: KeyHost['offer'] = (keys) => {
    for (const held of keys) this.#keep(held);
  };

  readonly changed: KeyHost['changed'] = (held, forgotten) => {
    const isFirst = this.#keys.size === 0;
    if (forgotten !== undefined) this.#forget(forgotten);
    const before = this.#keys.get(held.fact.id);
    const ended = before === undefined ? [] : credentialsEnded(before, held, this.#options.clock.now());
    if (before !== undefined) this.#forget(before);
    this.#keep(held);
    this.#awaitOverlap(held);
    for (const credential of ended) for (const listener of this.#revokedListeners) listener(credential);
    if (isFirst) for (const listener of this.#firstKeyListeners) listener();
  };

  /** `undefined`: it is no secret of a key, or of one that is revoked or has expired. Counts as a use of the key. */
  judge(secret: string): Outcome<Authentication> | undefined {
    const digest = keyDigest(secret);
    const entry = digest === undefined ? undefined : this.#byDigest.get(digest);
    if (entry === undefined) return undefined;
    const { held, version, until } = entry;
    const { id, expiresAt } = held.fact;
    const now = this.#options.clock.now();
    const principal = this.#principals.get(id);
    if (principal === undefined || isDeadKey(held, now) || (until !== null && until <= now)) return undefined;
    this.#used(id, now);
    const ends = [until, expiresAt === null ? null : millisecondsOf(expiresAt)].filter((end) => end !== null);
    const endsAt = ends.length === 0 ? null : Math.min(...ends);
    // Names the secret, not only its key: after a rotation the two differ.
    const credentials = [credentialOf(id, version)];
    // The secret stops being good when the key expires, or when the overlap of a rotation ends.
    return authenticated(principal, {
      credentials,
      end: endsAt === null ? null : { at: endsAt, close: 'revoked' },
    });
  }

  /** Whether `credential` names a secret that is good now. */
  isGood(credential: string): boolean {
    const [, id, version] = /^key:(.+)\.(\d+)$/.exec(credential) ?? [];
    const known = keyIdSchema.safeParse(id);
    const held = known.success ? this.#keys.get(known.data) : undefined;
    const now = this.#options.clock.now();
    return held !== undefined && !isDeadKey(held, now) && goodVersions(held, now).includes(Number(version));
  }

  /** `listener` is called when a secret is good no longer before it would have expired. It must not throw. */
  onRevoked(listener: (credential: string) => void): void {
    this.#revokedListeners.push(listener);
  }

  /** `listener` is called when a key is made and there was none, revoked ones included. It must not throw. */
  onFirstKey(listener: () => void): void {
    this.#firstKeyListeners.push(listener);
  }

  /** How many keys let somebody in now. */
  count(): number {
    const now = this.#options.clock.now();
    let count = 0;
    for (const held of this.#keys.values()) if (!isDeadKey(held, now)) count++;
    return count;
  }

  /** A key as its administrators see it. */
  shown(fact: KeyFact): StoredKey {
    const at = this.#lastUses.get(fact.id);
    return { ...fact, lastUsedAt: at === undefined ? null : isoTimestamp(at) };
  }

  /** Writes the last uses and ends every wait. Never rejects. */
  async stop(): Promise<void> {
    for (const cancel of this.#overlaps.values()) cancel();
    this.#overlaps.clear();
    this.#cancelWriting?.();
    this.#cancelWriting = undefined;
    this.#write();
    await this.#writing;
  }

  #keep(held: HeldKey): void {
    const { id, name, tenant, scopes, revokedAt } = held.fact;
    this.#keys.set(id, held);
    this.#principals.set(id, {
      id: principalIdOfKey(id),
      name,
      tenant,
      scopes: new Set(scopes),
      sessions: null,
    });
    if (held.lastUsedAt !== null && !this.#lastUses.has(id)) this.#lastUses.set(id, held.lastUsedAt);
    if (revokedAt !== null) return;
    const { version, digest, previous } = held.secrets;
    this.#byDigest.set(digest, { held, version, until: null });
    if (previous === null) return;
    this.#byDigest.set(previous.digest, { held, version: version - 1, until: previous.until });
  }

  #forget({ fact: { id }, secrets }: HeldKey): void {
    this.#keys.delete(id);
    this.#principals.delete(id);
    this.#byDigest.delete(secrets.digest);
    if (secrets.previous !== null) this.#byDigest.delete(secrets.previous.digest);
    this.#overlaps.get(id)?.();
    this.#overlaps.delete(id);
  }

  /** Connections from before the rotation do not know when its overlap ends. */
  #awaitOverlap({ fact: { id }, secrets: { version, previous } }: HeldKey): void {
    if (previous === null) return;
    const { clock } = this.#options;
    const cancel = clock.after(previous.until - clock.now(), () => {
      this.#overlaps.delete(id);
      this.#byDigest.delete(previous.digest);
      for (const listener of this.#revokedListeners) listener(credentialOf(id, version - 1));
    });
    this.#overlaps.set(id, cancel);
  }

  #used(id: KeyId, at: Milliseconds): void {
    this.#lastUses.set(id, at);
    this.#unwritten.add(id);
    this.#cancelWriting ??= this.#options.clock.after(limits.keyUseWriteMs, () => {
      this.#cancelWriting = undefined;
      this.#write();
    });
  }

  #write(): void {
    const uses = new Map([...this.#unwritten].map((id) => [id, this.#lastUses.get(id) ?? 0]));
    this.#unwritten.clear();
    if (uses.size === 0) return;
    this.#writing = this.#options.noteUses(uses).catch((cause: unknown) => {
      this.#options.log.debug('The last uses of keys could not be written', { cause });
      // With the next use of any key they are tried again.
      for (const id of uses.keys()) this.#unwritten.add(id);
    });
  }
}

function credentialOf(id: KeyId, version: number): string {
  return `${principalIdOfKey(id)}.${version}`;
}

/** The secrets that were good, and are no longer. */
function credentialsEnded(before: HeldKey, after: HeldKey, now: Milliseconds): readonly string[] {
  const { id, revokedAt } = after.fact;
  const goodBefore = goodVersions(before, now);
  const goodAfter = revokedAt === null ? goodVersions(after, now) : [];
  return goodBefore
    .filter((version) => !goodAfter.includes(version))
    .map((version) => credentialOf(id, version));
}

function goodVersions({ secrets: { version, previous } }: HeldKey, now: Milliseconds): readonly number[] {
  return previous === null || previous.until <= now ? [version] : [version, version - 1];
}
