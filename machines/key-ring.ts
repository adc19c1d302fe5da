/**
 * Key ring: the keys that the store keeps. Decides about commands that concern one; pure. Every command that is not refused
 * and changes something becomes one event, which tells the whole key.
 *
 * A tenant is a wall: whoever has one knows the keys of that tenant alone. Whoever has none manages all of them. Nobody makes
 * or gets hold of a key that allows more than what allows itself.
 */
import type { KeyId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { hasScope, type Principal } from '../schema/principal.ts';
import {
  accepted,
  keyNotFound,
  missingScope,
  type Outcome,
  type Refusal,
  refusal,
  refused,
} from '../schema/refusal.ts';
import {
  type CreateKey,
  type HeldKey,
  type KeyCommand,
  type KeySecrets,
  principalIdOfKey,
} from '../schema/stored-key.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';

/** In the order in which they were made. */
export type KeyRing = ReadonlyMap<KeyId, HeldKey>;

export type KeyDecision = {
  readonly key: HeldKey;
  /** The event that says so; `null`: nothing has changed. */
  readonly told: 'key.created' | 'key.rotated' | 'key.revoked' | null;
  /** A revoked or expired key that is forgotten, to make room. */
  readonly replaces?: KeyId;
};

export function keyDecision(ring: KeyRing, command: KeyCommand, at: Milliseconds): Outcome<KeyDecision> {
  const { by } = command;
  if (command.type === 'key.create') return created(ring, command, at);
  const held = ring.get(command.id);
  if (held === undefined || !knowsKey(by, held)) return refused(keyNotFound(command.id));
  switch (command.type) {
    case 'key.revoke': {
      if (held.fact.revokedAt !== null) return accepted({ key: held, told: null });
      const revokedAt = isoTimestamp(Math.max(at, millisecondsOf(held.fact.createdAt)));
      const key = {
        ...held,
        fact: { ...held.fact, revokedAt },
        secrets: { ...held.secrets, previous: null },
      };
      return accepted({ key, told: 'key.revoked' });
    }
    case 'key.rotate':
      return rotated(held, command, at);
    default:
      return unreachable(command);
  }
}

/** Whether the key exists for the principal. */
export function knowsKey({ tenant }: Pick<Principal, 'tenant'>, { fact }: HeldKey): boolean {
  return tenant === null || tenant === fact.tenant;
}

/** Whether the key lets nobody in any more, and never will again. */
export function isDeadKey({ fact }: HeldKey, now: Milliseconds): boolean {
  return fact.revokedAt !== null || (fact.expiresAt !== null && millisecondsOf(fact.expiresAt) <= now);
}

/** The ring after an event about this key. */
export function withKey(ring: KeyRing, key: HeldKey, replaces: KeyId | undefined): KeyRing {
  const next = new Map(ring);
  if (replaces !== undefined) next.delete(replaces);
  return next.set(key.fact.id, key);
}

function created(
  ring: KeyRing,
  { by, id, key, digest }: Extract<KeyCommand, { type: 'key.create' }>,
  at: Milliseconds,
): Outcome<KeyDecision> {
  const problem = creationProblem(by, key, at);
  if (problem !== null) return refused(problem);
  const replaces =
    ring.size < limits.storedKeysMax
      ? undefined
      : [...ring.values()].find((held) => isDeadKey(held, at))?.fact.id;
  if (ring.size >= limits.storedKeysMax && replaces === undefined) {
    return refused(
      refusal('conflict', `${limits.storedKeysMax} keys are good, which is the most; revoke one`),
    );
  }
  const { name, scopes, tenant = by.tenant, expiresAt = null } = key;
  const fact = {
    id,
    name,
    scopes: [...new Set(scopes)],
    tenant,
    createdAt: isoTimestamp(at),
    expiresAt: expiresAt === null ? null : isoTimestamp(Date.parse(expiresAt)),
    revokedAt: null,
    createdBy: by.id,
  };
  const held = { fact, secrets: { version: 1, digest, previous: null }, lastUsedAt: null };
  return accepted({ key: held, told: 'key.created', ...(replaces === undefined ? {} : { replaces }) });
}

function creationProblem(by: Principal, key: CreateKey, at: Milliseconds): Refusal | null {
  const { tenant = by.tenant, expiresAt = null } = key;
  if (by.tenant !== null && tenant !== by.tenant) {
    return refusal('forbidden', 'Keys of another tenant are made by those who have no tenant');
  }
  if (expiresAt !== null && Date.parse(expiresAt) <= at) {
    return refusal('bad_request', 'expiresAt is not in the future');
  }
  return lackingScope(by, key.scopes);
}

function lackingScope(by: Principal, needed: CreateKey['scopes']): Refusal | null {
  const lacking = needed.find((scope) => !hasScope(by, scope));
  return lacking === undefined ? null : missingScope(lacking);
}

function rotated(
  held: HeldKey,
  { by, digest, overlapSeconds }: Extract<KeyCommand, { type: 'key.rotate' }>,
  at: Milliseconds,
): Outcome<KeyDecision> {
  const { fact, secrets } = held;
  // Whoever learns the new secret is that key's principal, with its sessions.
  const mayBeIt =
    by.id === principalIdOfKey(fact.id) || by.id === fact.createdBy || hasScope(by, 'sessions:all');
  const problem = mayBeIt ? lackingScope(by, fact.scopes) : missingScope('sessions:all');
  if (problem !== null) return refused(problem);
  if (isDeadKey(held, at)) {
    const state = fact.revokedAt === null ? 'expired' : 'revoked';
    return refused(refusal('conflict', `Key ${fact.id} is ${state}; make another one`));
  }
  const previous: KeySecrets['previous'] =
    overlapSeconds === 0 ? null : { digest: secrets.digest, until: at + overlapSeconds * 1000 };
  const key = { ...held, secrets: { version: secrets.version + 1, digest, previous } };
  return accepted({ key, told: 'key.rotated' });
}
