/** The settings of API keys; `settings.ts` declares them with all others. */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { scopeSchema, tenantSchema } from '../../schema/principal.ts';
import { boundedText } from '../../schema/validation.ts';
import { settingWords } from './setting-words.ts';

const keyText = z
  .string()
  .max(limits.apiKeyCharactersMax)
  .regex(/^[!-+\--~]+$/);

export const keySettings = {
  apiKeys: z
    .array(
      z.union([
        keyText,
        z.strictObject({
          key: keyText,
          name: boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax }).optional(),
          scopes: z.array(scopeSchema).optional(),
          tenant: tenantSchema.optional(),
        }),
      ]),
    )
    .max(limits.apiKeysMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_API_KEYS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.apiKeysMax} keys of visible ASCII characters without commas, or of objects with \`key\`, \`name\`, \`scopes\` and \`tenant\``,
      description:
        'Keys that clients may use, each a principal of its own; without any, no key is asked for.',
      secret: true,
    }),
  adminKey: keyText.optional().register(settingWords, {
    variable: 'CALLBOARD_ADMIN_KEY',
    kind: 'text',
    reload: 'restart',
    allowed: 'a key of visible ASCII characters without commas',
    description:
      'A key with every scope, to make the first stored keys with. It does not count as another key beside `apiKeys`.',
    secret: true,
  }),
  authentication: z.enum(['auto', 'on', 'off']).default('auto').register(settingWords, {
    variable: 'CALLBOARD_AUTHENTICATION',
    kind: 'text',
    reload: 'restart',
    allowed: 'one of auto, on, off',
    description:
      'Whether requests need credentials; `auto`: once there has been any key, for ever. `off` lets everybody in again.',
  }),
  inspectKeys: z
    .array(keyText)
    .max(limits.apiKeysMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_INSPECT_KEYS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.apiKeysMax} keys of visible ASCII characters without commas`,
      description:
        'Keys that may inspect and see every session, with the scopes `chat`, `inspect` and `sessions:all`.',
      secret: true,
    }),
};
