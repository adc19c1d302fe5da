/**
 * Stored keys as requests meet them. Goal: a secret lets in exactly while the rules say so, and whoever was let in by one
 * that ends early is told of. Method: generated commands, times and secrets against a list of what is good.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeyRing, keyDecision, withKey } from '../../../../machines/key-ring.ts';
import type { KeyId } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { redactedText } from '../../../../schema/redaction.ts';
import { isoTimestamp } from '../../../../schema/timestamp.ts';
import { keyDigest, newKeySecret } from '../../../../src/gateway/authentication/key-secret.ts';
import { StoredKeys } from '../../../../src/gateway/authentication/stored-keys.ts';
import { idOf } from '../../../arbitraries/ids.ts';
import { noon } from '../../../arbitraries/instants.ts';
import { cases } from '../../../effort.ts';
import { principalWith } from '../../../fakes/example-key.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const operator = principalWith('operator');
const keyId = (count: number) => idOf<KeyId>(10, count);

/** A clock that moves when told. */
function movedClock() {
  let now = noon;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();
  return {
    now: () => now,
    soon: (run: () => void) => run(),
    after: (delay: number, run: () => void) => {
      const timer = { due: now + delay, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    move: (ms: number) => {
      now += ms;
      for (const timer of [...timers].sort((a, b) => a.due - b.due)) {
        if (timer.due > now || !timers.delete(timer)) continue;
        timer.run();
      }
    },
  };
}

function world(noteUses: (uses: ReadonlyMap<KeyId, number>) => Promise<void> = async () => {}) {
  const clock = movedClock();
  const keys = new StoredKeys({ clock, log: silentLog, noteUses });
  const ended: string[] = [];
  keys.onRevoked((credential) => ended.push(credential));
  let ring: KeyRing = new Map();
  const give = (command: Parameters<typeof keyDecision>[1]): boolean => {
    const outcome = keyDecision(ring, command, clock.now());
    if (!outcome.ok) return false;
    ring = withKey(ring, outcome.value.key, outcome.value.replaces);
    if (outcome.value.told !== null) keys.changed(outcome.value.key, undefined);
    return true;
  };
  return { clock, keys, ended, give, ring: () => ring };
}

const step = fc.record({
  which: fc.nat({ max: 2 }),
  wait: fc.constantFrom(0, 1000, 10_000, 60_000),
  does: fc.constantFrom('create', 'create', 'expiring', 'revoke', 'rotate', 'rotate', 'overlap'),
});

describe('stored keys', () => {
  it('[KEY3] [KEY5] let in by a secret exactly while it is good, and tell of one that ends early', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { clock, keys, ended, give } = world();
        /** Every secret that was ever made; `until`: 0 when it was taken away. */
        const secrets: { id: KeyId; secret: string; until: number; credential: string; closed: boolean }[] =
          [];
        let made = 0;
        for (const { which, wait, does } of steps) {
          clock.move(wait);
          const now = clock.now();
          const { secret, digest } = keys.newSecret();
          const id = keyId(does === 'create' || does === 'expiring' ? made : which);
          const good = () => secrets.filter((one) => one.id === id && one.until > now);
          const isNew = does === 'create' || does === 'expiring';
          const expiresAt = does === 'expiring' ? isoTimestamp(now + 15_000) : null;
          const before = good();
          const done = isNew
            ? give({
                type: 'key.create',
                id,
                digest,
                by: operator,
                key: { name: 'k', scopes: ['chat'], expiresAt },
              })
            : does === 'revoke'
              ? give({ type: 'key.revoke', id, by: operator })
              : give({
                  ...{ type: 'key.rotate', id, digest, by: operator },
                  overlapSeconds: does === 'overlap' ? 30 : 0,
                });
          expect(done).toBe(isNew || (does === 'revoke' ? which < made : before.length > 0));
          if (!done) continue;
          if (isNew) made++;
          const ofKey = secrets.filter((one) => one.id === id);
          const last = ofKey.at(-1);
          const expiry = isNew
            ? expiresAt === null
              ? Number.POSITIVE_INFINITY
              : now + 15_000
            : (last?.until ?? 0);
          for (const one of before) {
            if (does === 'revoke' || does === 'rotate' || one !== last) {
              one.until = 0;
              one.closed = true;
            } else if (does === 'overlap') {
              one.closed = now + 30_000 < one.until;
              one.until = Math.min(one.until, now + 30_000);
            }
          }
          if (does !== 'revoke') {
            const credential = `key:${id}.${ofKey.length + 1}`;
            secrets.push({ id, secret, until: expiry, credential, closed: false });
          }
          for (const one of secrets) {
            const found = keys.judge(one.secret);
            expect(found === undefined).toBe(one.until <= now);
            expect(keys.isGood(one.credential)).toBe(one.until > now);
            if (found === undefined) continue;
            expect(found).toMatchObject({
              value: {
                principal: { id: `key:${one.id}`, name: 'k' },
                credentials: [one.credential],
                end: Number.isFinite(one.until) ? { at: one.until, close: 'revoked' } : null,
              },
            });
          }
        }
        clock.move(60_000);
        const early = secrets.filter(({ closed }) => closed).map(({ credential }) => credential);
        for (const credential of early) expect(ended).toContain(credential);
        // Nobody is closed whose secret is good.
        for (const one of secrets) if (one.until > clock.now()) expect(ended).not.toContain(one.credential);
        expect(keys.count()).toBe(
          new Set(secrets.filter(({ until }) => until > clock.now()).map(({ id }) => id)).size,
        );
      }),
      { numRuns: cases({ quick: 300, full: 5000 }) },
    );
  });

  it('[KEY1] makes secrets that can be recognised, and that logs mask', () => {
    const secret = newKeySecret();
    expect(secret).toMatch(/^cb_[\w-]{43}[0-9a-z]{7}$/);
    expect(newKeySecret()).not.toBe(secret);
    expect(keyDigest(secret)).toMatch(/^[\w-]{43}$/);
    for (const wrong of [
      '',
      'cb_',
      secret.slice(1),
      `${secret}0`,
      secret.slice(0, -1),
      secret.replace(/.$/, '!'),
    ]) {
      expect(keyDigest(wrong)).toBeUndefined();
    }
    expect(redactedText(`the key ${secret}, and "${secret}"`)).toBe('the key [redacted], and "[redacted]"');
  });

  it('[KEY6] writes the last uses once a minute, and again what could not be written', async () => {
    const written: (readonly [KeyId, number])[][] = [];
    let broken = true;
    const { clock, keys, give } = world(async (uses) => {
      if (broken) throw new Error('the database is away');
      written.push([...uses]);
    });
    const { secret, digest } = keys.newSecret();
    give({ type: 'key.create', id: keyId(0), digest, by: operator, key: { name: 'k', scopes: ['chat'] } });
    keys.judge(secret);
    clock.move(limits.keyUseWriteMs);
    await Promise.resolve();
    broken = false;
    clock.move(5);
    const last = clock.now();
    for (let use = 0; use < 100; use++) keys.judge(secret);
    clock.move(limits.keyUseWriteMs);
    expect(written).toEqual([[[keyId(0), last]]]);
    keys.judge(secret);
    await keys.stop();
    expect(written).toHaveLength(2);
  });

  it('[KEY9] says when the first key is made', () => {
    const { keys, give } = world();
    let first = 0;
    keys.onFirstKey(() => first++);
    for (const id of [keyId(0), keyId(1)]) {
      const { digest } = keys.newSecret();
      give({ type: 'key.create', id, digest, by: operator, key: { name: 'k', scopes: ['chat'] } });
      expect(first).toBe(1);
    }
  });
});
