/** The routes of stored keys (SPEC KEY). What they show of keys has no secret, but for the answers that make one. */
import { z } from 'zod';
import type { KeyAnswer } from '../../../actors/door/key-door.ts';
import { knowsKey } from '../../../machines/key-ring.ts';
import { keyIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted, keyNotFound, type Outcome, refused } from '../../../schema/refusal.ts';
import {
  createKeySchema,
  type KeyFact,
  keyWithSecretSchema,
  rotateKeySchema,
  storedKeySchema,
} from '../../../schema/stored-key.ts';
import { type GatewayServices, type Route, route, takesNothing } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { described } from './described-command.ts';

const shared = { ...takesNothing, tag: 'keys' } as const;

/** Every key, unless the client wants a page. */
const keyPage = z.object({
  limit: wholeNumber({ min: 1, max: limits.storedKeysMax }).default(limits.storedKeysMax),
  /** The last key of the page before. */
  after: keyIdSchema.optional(),
});

export const keyRoutes: readonly Route[] = [
  route({
    ...shared,
    method: 'GET',
    path: '/keys',
    scope: 'keys',
    summary:
      'Lists the stored keys in the order in which they were made, revoked and expired ones included; for a principal ' +
      'with a tenant, those of its tenant.',
    query: keyPage,
    response: { status: 200, description: 'Keys, without their secrets.', schema: z.array(storedKeySchema) },
    answer: ({ door, keys }, { query: { limit, after }, principal }) => {
      const known = [...door.storedKeys().values()].filter((held) => knowsKey(principal, held));
      const from = after === undefined ? 0 : known.findIndex(({ fact }) => fact.id === after) + 1;
      const page = after !== undefined && from === 0 ? [] : known.slice(from, from + limit);
      return accepted(page.map(({ fact }) => keys.shown(fact)));
    },
  }),
  route({
    ...described('key.create'),
    ...shared,
    body: createKeySchema,
    response: { status: 201, description: 'The key, with its secret.', schema: keyWithSecretSchema },
    refusals: [409],
    answer: async ({ door, keys }, { body, principal, named }) =>
      withSecret(keys, await door.createKey(body, principal, named)),
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/keys/:id',
    scope: 'keys',
    summary: 'Reads a stored key.',
    id: keyIdSchema,
    response: { status: 200, description: 'The key, without its secret.', schema: storedKeySchema },
    refusals: [404],
    answer: ({ door, keys }, { id, principal }) => {
      const held = door.storedKeys().get(id);
      return held === undefined || !knowsKey(principal, held)
        ? refused(keyNotFound(id))
        : accepted(keys.shown(held.fact));
    },
  }),
  route({
    ...described('key.revoke'),
    ...shared,
    id: keyIdSchema,
    response: { status: 200, description: 'The revoked key.', schema: storedKeySchema },
    refusals: [404, 409],
    answer: async ({ door, keys }, { id, principal, named }) => {
      const outcome = await door.revokeKey(id, principal, named);
      return outcome.ok ? accepted(keys.shown(outcome.value)) : outcome;
    },
  }),
  route({
    ...described('key.rotate'),
    ...shared,
    id: keyIdSchema,
    body: rotateKeySchema,
    response: { status: 200, description: 'The key, with its new secret.', schema: keyWithSecretSchema },
    refusals: [404, 409],
    answer: async ({ door, keys }, { id, body, principal, named }) =>
      withSecret(keys, await door.rotateKey(id, body, principal, named)),
  }),
];

function withSecret(keys: GatewayServices['keys'], outcome: Outcome<KeyAnswer>): Outcome<unknown> {
  if (!outcome.ok) return outcome;
  const { key, secret }: { key: KeyFact; secret: string | null } = outcome.value;
  return accepted({ ...keys.shown(key), secret });
}
