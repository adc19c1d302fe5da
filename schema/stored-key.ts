/**
 * Keys that the store keeps (SPEC KEY). A key's secret is shown once, in the answer to the command that makes it: the store
 * has its digest alone.
 */
import { z } from 'zod';
import { type KeyId, keyIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { participantIdSchema } from './participant.ts';
import { type Principal, type PrincipalId, scopeSchema, tenantSchema } from './principal.ts';
import type { Milliseconds } from './timestamp.ts';
import { boundedText } from './validation.ts';

const name = boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax });
const scopesOfKey = z.array(scopeSchema).min(1);

/** Body of `POST /keys`. Strict: a key that does nothing is a mistake. */
export const createKeySchema = z
  .strictObject({
    /** Shown wherever its principal is. */
    name,
    scopes: scopesOfKey.default(['chat']),
    /** `null`: none; absent: that of whoever makes the key. */
    tenant: tenantSchema.nullable().exactOptional(),
    /** From then on it lets nobody in; `null` or absent: it does until it is revoked. */
    expiresAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
  })
  .meta({ id: 'CreateKey' });
export type CreateKey = z.output<typeof createKeySchema>;

/** Body of `POST /keys/:id/rotate`. */
export const rotateKeySchema = z
  .strictObject({
    /** How long the old secret stays good, s. */
    overlapSeconds: z.int().min(0).max(limits.keyOverlapSecondsMax).default(0),
  })
  .meta({ id: 'RotateKey' });
export type RotateKey = z.output<typeof rotateKeySchema>;

/** What is kept of a key, but when it was used last. */
const keyFactSchema = z.object({
  id: keyIdSchema,
  name: z.string(),
  scopes: z.array(scopeSchema),
  tenant: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  /** The principal that made it. */
  createdBy: participantIdSchema,
});
export type KeyFact = z.output<typeof keyFactSchema>;

/** A key as those with the scope `keys` see it. */
export const storedKeySchema = keyFactSchema
  .extend({
    /** To the minute, about; `null`: never. */
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'StoredKey' });
export type StoredKey = z.output<typeof storedKeySchema>;

/** The answer to `POST /keys` and `POST /keys/:id/rotate`. */
export const keyWithSecretSchema = storedKeySchema
  .extend({
    /** Shown in this answer alone; `null` in the answer to a repetition, because nobody knows it any more: rotate the key. */
    secret: z.string().nullable(),
  })
  .meta({ id: 'KeyWithSecret' });
export type KeyWithSecret = z.output<typeof keyWithSecretSchema>;

/** Data of `key.created`, `key.rotated` and `key.revoked`: the whole key as it is then, and who did it. */
export const keyChangedSchema = keyFactSchema.extend({ by: participantIdSchema }).meta({ id: 'KeyChanged' });
export type KeyChanged = z.output<typeof keyChangedSchema>;

/** What the store knows of a key's secrets; no client is ever told of it. */
export type KeySecrets = {
  /** Counts the key's secrets, from 1. */
  readonly version: number;
  /** The SHA-256 of the newest secret, base64url. */
  readonly digest: string;
  /** The secret before it, which is good until then. */
  readonly previous: { readonly digest: string; readonly until: Milliseconds } | null;
  /** An older key that made room for this one. */
  readonly replaces?: KeyId;
};

/** A key as the server keeps it in memory. */
export type HeldKey = {
  readonly fact: KeyFact;
  readonly secrets: Omit<KeySecrets, 'replaces'>;
  /** As of the start of the server. */
  readonly lastUsedAt: Milliseconds | null;
};

/** A command about keys, with who gives it. */
export type KeyCommand = { readonly by: Principal } & (
  | { readonly type: 'key.create'; readonly id: KeyId; readonly key: CreateKey; readonly digest: string }
  | { readonly type: 'key.revoke'; readonly id: KeyId }
  | {
      readonly type: 'key.rotate';
      readonly id: KeyId;
      readonly digest: string;
      readonly overlapSeconds: number;
    }
);

export function principalIdOfKey(id: KeyId): PrincipalId {
  return participantIdSchema.parse(`key:${id}`);
}
