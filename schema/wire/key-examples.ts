/** Stored keys, as examples for the API documents. */
import type { z } from 'zod';
import { keyIdSchema } from '../ids.ts';
import {
  createKeySchema,
  keyChangedSchema,
  keyWithSecretSchema,
  rotateKeySchema,
  storedKeySchema,
} from '../stored-key.ts';
import { exampleIds } from './example-ids.ts';

const fact = {
  id: exampleIds.key,
  name: 'The shop',
  scopes: ['chat'],
  tenant: null,
  createdAt: '2026-11-23T04:40:00.000Z',
  expiresAt: '2027-11-23T04:40:00.000Z',
  revokedAt: null,
  createdBy: 'operator',
} satisfies Omit<z.input<typeof storedKeySchema>, 'lastUsedAt'>;

const key = { ...fact, lastUsedAt: null } satisfies z.input<typeof storedKeySchema>;

export const keyExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [keyIdSchema, fact.id],
  [
    createKeySchema,
    { name: fact.name, scopes: ['chat'], expiresAt: fact.expiresAt } satisfies z.input<
      typeof createKeySchema
    >,
  ],
  [rotateKeySchema, { overlapSeconds: 3600 } satisfies z.input<typeof rotateKeySchema>],
  [storedKeySchema, key],
  [keyWithSecretSchema, { ...key, secret: 'cb_…' } satisfies z.input<typeof keyWithSecretSchema>],
  [keyChangedSchema, { ...fact, by: 'operator' } satisfies z.input<typeof keyChangedSchema>],
];
