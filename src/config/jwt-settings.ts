/** What the setting `jwt` says: whose tokens are taken, and for what ([JWT1]). */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { scopeSchema } from '../../schema/principal.ts';

export const jwtAlgorithms = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;

const text = z.string().min(1).max(limits.urlCharactersMax);

const keySchema = z.strictObject({
  algorithm: z.enum(jwtAlgorithms),
  /** HS256: the shared secret. Otherwise a public key, as PEM or as JWK. */
  key: z.string().min(1).max(limits.jwtKeyCharactersMax),
  /** The `kid` of tokens signed with it; absent: any. */
  id: text.optional(),
});

export const jwtSettingsSchema = z
  .strictObject({
    issuer: text,
    audience: z.union([text, z.array(text).min(1)]).optional(),
    jwksUrl: text.refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)).optional(),
    keys: z.array(keySchema).max(limits.jwtKeysMax).default([]),
    /** Default: those of the keys; with a URL, all but HS256, whose secret is on no URL. */
    algorithms: z.array(z.enum(jwtAlgorithms)).min(1).optional(),
    clockToleranceSeconds: z.int().min(0).max(300).default(5),
    claims: z
      .strictObject({
        id: text.default('sub'),
        name: text.default('name'),
        tenant: text.optional(),
        scopes: text.default('scope'),
        sessions: text.default('callboard_sessions'),
      })
      .prefault({}),
    tenant: z.enum(['optional', 'required']).default('optional'),
    /** What a scope in a token begins with, so that `admin` of another program is not ours. */
    scopePrefix: z.string().max(100).default('callboard:'),
    scopesDefault: z.array(scopeSchema).default(['chat']),
    scopesMax: z.array(scopeSchema).default(['chat', 'read']),
  })
  .check(({ value, issues }) => {
    const hasUrl = value.jwksUrl !== undefined;
    if (hasUrl === value.keys.length > 0) {
      issues.push({ code: 'custom', message: 'has either jwksUrl or keys', input: value, path: ['jwksUrl'] });
    }
    if (hasUrl && value.algorithms?.includes('HS256')) {
      issues.push({
        code: 'custom',
        message: 'HS256 needs a secret of its own among keys',
        input: value,
        path: ['algorithms'],
      });
    }
  })
  .transform((value) => {
    const ofKeys = value.keys.map(({ algorithm }) => algorithm);
    const fitting = value.jwksUrl === undefined ? ofKeys : jwtAlgorithms.filter((one) => one !== 'HS256');
    return { ...value, algorithms: value.algorithms ?? [...new Set(fitting)] };
  });
export type JwtSettings = z.output<typeof jwtSettingsSchema>;
