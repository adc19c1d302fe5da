/** A stored key and its principal. */
import { keyIdSchema } from '../../schema/ids.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { type Principal, type Scope, scopes } from '../../schema/principal.ts';
import type { HeldKey, KeyFact } from '../../schema/stored-key.ts';

export const exampleKey: KeyFact = {
  id: keyIdSchema.parse('9d0c5e5b-63a4-4f0e-9f3b-2f1c0a7e5b11'),
  name: 'The shop',
  scopes: ['chat'],
  tenant: null,
  createdAt: '2026-11-23T04:40:00.000Z',
  expiresAt: null,
  revokedAt: null,
  createdBy: participantIdSchema.parse('operator'),
};

export const exampleHeldKey: HeldKey = {
  fact: exampleKey,
  secrets: { version: 1, digest: 'a digest', previous: null },
  lastUsedAt: null,
};

export function principalWith(
  id: string,
  given: readonly Scope[] = scopes,
  tenant: string | null = null,
): Principal {
  return { id: participantIdSchema.parse(id), name: null, tenant, scopes: new Set(given), sessions: null };
}
