/** What `callboard keys` can ask for, of the running server or of a store that nobody has open. */
import { z } from 'zod';
import type { KeyDoor } from '../../actors/door/key-door.ts';
import { keyIdSchema } from '../../schema/ids.ts';
import { accepted, type Outcome } from '../../schema/refusal.ts';
import {
  createKeySchema,
  keyWithSecretSchema,
  rotateKeySchema,
  storedKeySchema,
} from '../../schema/stored-key.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { StoredKeys } from '../gateway/authentication/stored-keys.ts';
import { operator } from './operator.ts';

export const keyOrderSchema = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('create'), key: createKeySchema }),
  z.strictObject({ order: z.literal('list') }),
  z.strictObject({ order: z.literal('revoke'), id: keyIdSchema }),
  z.strictObject({ order: z.literal('rotate'), id: keyIdSchema, how: rotateKeySchema }),
]);
export type KeyOrder = z.output<typeof keyOrderSchema>;

/** One key, with its secret where the order made one, or all of them. */
export const keyOrderResultSchema = z.union([keyWithSecretSchema, storedKeySchema, z.array(storedKeySchema)]);
export type KeyOrderResult = z.output<typeof keyOrderResultSchema>;

export type KeyOrderServices = { readonly door: KeyDoor; readonly keys: Pick<StoredKeys, 'shown'> };

export async function obey(
  order: KeyOrder,
  { door, keys }: KeyOrderServices,
): Promise<Outcome<KeyOrderResult>> {
  switch (order.order) {
    case 'list':
      return accepted([...door.storedKeys().values()].map(({ fact }) => keys.shown(fact)));
    case 'revoke': {
      const outcome = await door.revokeKey(order.id, operator);
      return outcome.ok ? accepted(keys.shown(outcome.value)) : outcome;
    }
    case 'create':
    case 'rotate': {
      const outcome =
        order.order === 'create'
          ? await door.createKey(order.key, operator)
          : await door.rotateKey(order.id, order.how, operator);
      if (!outcome.ok) return outcome;
      const { key, secret } = outcome.value;
      return accepted({ ...keys.shown(key), secret });
    }
    default:
      return unreachable(order);
  }
}
