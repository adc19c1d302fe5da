/**
 * Stored keys through the real actors over fake ports. Goal: a secret is in the one answer that makes it and nowhere else,
 * and what is decided holds after a restart, or not at all. Method: every kind of command, with everything that is stored,
 * published and logged at hand.
 */
import { describe, expect, it } from 'vitest';
import { JournalRejected } from '../../actors/ports.ts';
import { keyIdSchema } from '../../schema/ids.ts';
import { createKeySchema } from '../../schema/stored-key.ts';
import { StoredKeys } from '../../src/gateway/authentication/stored-keys.ts';
import { acceptedValue, actorWorld, countingIds, tickingClock } from '../fakes/actor-world.ts';
import { principalWith } from '../fakes/example-key.ts';
import { type MemoryStorage, memoryStorage } from '../fakes/memory-storage.ts';
import { silentLog } from '../fakes/silent-log.ts';

const operator = principalWith('operator');

async function world(storage: MemoryStorage = memoryStorage(), start = 1) {
  const keys = new StoredKeys({ clock: tickingClock(), log: silentLog, noteUses: async () => {} });
  const made = await actorWorld({ storage, keys, ids: countingIds(start) });
  return { ...made, keys, door: made.system.door };
}

const body = createKeySchema.parse({ name: 'The shop' });

describe('a stored key', () => {
  it('[KEY1] [KEY3] lets in from its answer on, after a restart too, until it is revoked', async () => {
    const first = await world();
    const { key, secret } = acceptedValue(await first.door.createKey(body, operator));
    expect(key).toMatchObject({ name: 'The shop', scopes: ['chat'], tenant: null, createdBy: 'operator' });
    const principal = { id: `key:${key.id}`, name: 'The shop', tenant: null, scopes: new Set(['chat']) };
    expect(first.keys.judge(secret ?? '')).toMatchObject({ value: { principal } });
    const rotated = acceptedValue(await first.door.rotateKey(key.id, { overlapSeconds: 0 }, operator));
    expect(rotated.key).toEqual(key);
    expect(first.keys.judge(secret ?? '')).toBeUndefined();
    await first.system.stop();
    await first.keys.stop();

    const second = await world(first.storage, 0x1000);
    expect(second.keys.judge(rotated.secret ?? '')).toMatchObject({ value: { principal } });
    const revoked = acceptedValue(await second.door.revokeKey(key.id, operator));
    expect(revoked.revokedAt).not.toBeNull();
    expect(acceptedValue(await second.door.revokeKey(key.id, operator))).toEqual(revoked);
    expect(second.keys.judge(rotated.secret ?? '')).toBeUndefined();
    expect(await second.door.rotateKey(key.id, { overlapSeconds: 0 }, operator)).toMatchObject({
      refusal: { code: 'conflict' },
    });
    const stored = JSON.stringify([
      second.storage.committed(),
      first.publisher,
      second.publisher,
      second.logs,
    ]);
    for (const one of [secret, rotated.secret]) expect(stored).not.toContain(one);
    const told = second.storage.committed().map(({ entry }) => entry.type);
    expect(told).toEqual(['key.created', 'key.rotated', 'key.revoked']);
  });

  it('[KEY1] [CMD1] is made once under one name, and a repetition does not have the secret', async () => {
    const { door, storage } = await world();
    const named = { key: 'a name', fingerprint: 'a print' };
    const [one, other] = await Promise.all([
      door.createKey(body, operator, named),
      door.createKey(body, operator, named),
    ]);
    const answers = [
      acceptedValue(one),
      acceptedValue(other),
      acceptedValue(await door.createKey(body, operator, named)),
    ];
    expect(new Set(answers.map(({ key }) => key.id)).size).toBe(1);
    expect(answers.filter(({ secret }) => secret !== null)).toHaveLength(1);
    expect(door.storedKeys().size).toBe(1);
    const secret = answers.find((answer) => answer.secret !== null)?.secret;
    expect(JSON.stringify(storage.committed())).not.toContain(secret);
  });

  it('[KEY1] [OUT6] is none when the journal refuses it for good', async () => {
    const { door, keys, storage } = await world();
    storage.failNextAppends(new JournalRejected('the test says so'));
    const outcome = await door.createKey(body, operator);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'internal' } });
    expect([door.storedKeys().size, keys.count()]).toEqual([0, 0]);
    const { key } = acceptedValue(await door.createKey(body, operator));
    expect([...door.storedKeys().keys()]).toEqual([key.id]);
  });

  it('[KEY2] does not exist for another tenant', async () => {
    const { door } = await world();
    const shop = principalWith('key:shop', ['keys', 'chat'], 'shop');
    const { key } = acceptedValue(await door.createKey(body, shop));
    expect(key.tenant).toBe('shop');
    const bank = principalWith('key:bank', ['keys', 'chat', 'sessions:all'], 'bank');
    const unknown = keyIdSchema.parse('00000000-0000-0000-0000-000000000000');
    for (const id of [key.id, unknown]) {
      for (const outcome of [
        await door.revokeKey(id, bank),
        await door.rotateKey(id, { overlapSeconds: 0 }, bank),
      ]) {
        expect(outcome).toMatchObject({ refusal: { code: 'not_found', message: `Key ${id} not found` } });
      }
    }
    acceptedValue(await door.revokeKey(key.id, operator));
  });
});
