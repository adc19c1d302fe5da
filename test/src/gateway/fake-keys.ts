/** What the gateway's tests see of stored keys: one key, about which everything is answered. */
import type { KeyDoor } from '../../../actors/door/key-door.ts';
import { accepted, keyNotFound, refused } from '../../../schema/refusal.ts';
import { exampleHeldKey, exampleKey } from '../../fakes/example-key.ts';

export function fakeKeys(calls: (readonly [name: string, ...given: unknown[]])[], at: string): KeyDoor {
  return {
    async createKey(body, { id: createdBy }) {
      calls.push(['createKey', body]);
      const { name, scopes } = body;
      return accepted({ key: { ...exampleKey, name, scopes, createdBy }, secret: 'cb_a secret' });
    },
    async revokeKey(id) {
      calls.push(['revokeKey', id]);
      if (id !== exampleKey.id) return refused(keyNotFound(id));
      return accepted({ ...exampleKey, revokedAt: at });
    },
    async rotateKey(id, body) {
      calls.push(['rotateKey', id, body]);
      if (id !== exampleKey.id) return refused(keyNotFound(id));
      return accepted({ key: exampleKey, secret: 'cb_another secret' });
    },
    storedKeys: () => new Map([[exampleKey.id, exampleHeldKey]]),
  };
}
