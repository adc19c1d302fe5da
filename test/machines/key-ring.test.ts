/**
 * Key ring. Goal: nobody makes or gets hold of a key that allows more than what allows itself, or sees one of another
 * tenant; a dead key stays dead. Method: generated commands of few principals, compared with what the rules say of each.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeadKey, type KeyRing, keyDecision, withKey } from '../../machines/key-ring.ts';
import type { KeyId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { hasScope, type Principal, type Scope } from '../../schema/principal.ts';
import { type KeyCommand, principalIdOfKey } from '../../schema/stored-key.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { cases } from '../effort.ts';
import { exampleHeldKey, exampleKey, principalWith } from '../fakes/example-key.ts';

const keyId = (count: number) => idOf<KeyId>(10, count);

const someScopes: readonly Scope[] = ['chat', 'read', 'keys', 'logs', 'sessions:all'];
const principal: fc.Arbitrary<Principal> = fc
  .record({
    id: fc.constantFrom('operator', `key:${keyId(0)}`, `key:${keyId(1)}`),
    scopes: fc.subarray([...someScopes]),
    tenant: fc.constantFrom(null, 'shop', 'bank'),
  })
  .map(({ id, scopes, tenant }) => principalWith(id, scopes, tenant));

const time = fc.nat({ max: 20 }).map((seconds) => noon + seconds * 1000);
const step = fc.record({
  by: principal,
  at: time,
  which: fc.nat({ max: 3 }),
  does: fc.oneof(
    fc.record({
      type: fc.constant('key.create' as const),
      scopes: fc.subarray([...someScopes], { minLength: 1 }),
      tenant: fc.constantFrom(undefined, null, 'shop', 'bank'),
      expiresAt: fc.option(time.map(isoTimestamp)),
    }),
    fc.record({ type: fc.constant('key.revoke' as const) }),
    fc.record({ type: fc.constant('key.rotate' as const), overlapSeconds: fc.constantFrom(0, 60) }),
  ),
});

describe('the key ring', () => {
  it('[KEY2] [KEY3] gives nobody more than it has, shows nobody another tenant, and lets the dead rest', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let ring: KeyRing = new Map();
        let made = 0;
        for (const [index, { by, at, which, does }] of steps.entries()) {
          const digest = `digest ${index}`;
          const id = keyId(does.type === 'key.create' ? made : which);
          const command: KeyCommand =
            does.type === 'key.create'
              ? {
                  ...{ type: does.type, id, by, digest },
                  key: {
                    ...{ name: 'A key', scopes: does.scopes, expiresAt: does.expiresAt },
                    ...(does.tenant === undefined ? {} : { tenant: does.tenant }),
                  },
                }
              : does.type === 'key.revoke'
                ? { ...does, id, by }
                : { ...does, id, by, digest };
          const before = ring.get(id);
          const outcome = keyDecision(ring, command, at);
          if (before !== undefined && by.tenant !== null && by.tenant !== before.fact.tenant) {
            expect(outcome).toMatchObject({ refusal: { code: 'not_found' } });
          }
          if (!outcome.ok) continue;
          const { key, told, replaces } = outcome.value;
          if (does.type === 'key.create') {
            made++;
            expect(key.fact.createdBy).toBe(by.id);
            expect(key.fact.expiresAt === null || Date.parse(key.fact.expiresAt) > at).toBe(true);
            if (by.tenant !== null) expect(key.fact.tenant).toBe(by.tenant);
          }
          // Whoever learns a secret could do all that already.
          if (does.type !== 'key.revoke') {
            expect(key.fact.scopes.every((scope) => hasScope(by, scope))).toBe(true);
            expect(key.secrets.digest).toBe(digest);
            expect(isDeadKey(key, at)).toBe(false);
          }
          if (does.type === 'key.rotate') {
            expect({ ...key.fact }).toEqual(before?.fact);
            expect(key.secrets.version).toBe((before?.secrets.version ?? 0) + 1);
            const until = does.overlapSeconds === 0 ? null : at + does.overlapSeconds * 1000;
            expect(key.secrets.previous?.until ?? null).toBe(until);
            const own = [principalIdOfKey(id), before?.fact.createdBy].includes(by.id);
            expect(own || by.scopes.has('sessions:all')).toBe(true);
          }
          if (does.type === 'key.revoke') {
            expect([key.fact.revokedAt === null, key.secrets.previous]).toEqual([false, null]);
            expect(told === null).toBe(before?.fact.revokedAt !== null);
          }
          if (before?.fact.revokedAt !== null && before !== undefined) expect(told).toBeNull();
          ring = withKey(ring, key, replaces);
        }
      }),
      { numRuns: cases({ quick: 300, full: 5000 }) },
    );
  });

  it('[KEY4] is full of good keys, and makes room for a new one in place of the oldest dead one', () => {
    const full = new Map(
      Array.from({ length: limits.storedKeysMax }, (_, index) => {
        const id = keyId(index);
        return [id, { ...exampleHeldKey, fact: { ...exampleKey, id } }] as const;
      }),
    );
    const id = keyId(limits.storedKeysMax);
    const command: KeyCommand = {
      ...{ type: 'key.create', id, digest: 'new', by: principalWith('operator') },
      key: { name: 'One more', scopes: ['chat'] },
    };
    expect(keyDecision(full, command, noon)).toMatchObject({ refusal: { code: 'conflict' } });
    for (const dead of [7, 9]) {
      const revoked = { ...exampleKey, id: keyId(dead), revokedAt: isoTimestamp(noon) };
      full.set(keyId(dead), { ...exampleHeldKey, fact: revoked });
    }
    const decided = keyDecision(full, command, noon);
    expect(decided).toMatchObject({ ok: true, value: { told: 'key.created', replaces: keyId(7) } });
    if (!decided.ok) return;
    const after = withKey(full, decided.value.key, decided.value.replaces);
    expect([after.size, after.has(keyId(7)), after.has(id)]).toEqual([full.size, false, true]);
  });
});
