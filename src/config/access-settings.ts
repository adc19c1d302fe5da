/** The settings about who reaches the server. They are part of the table in `settings.ts`. */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { allowedOrigin } from '../origins/allowed-origin.ts';
import { allowedHost } from '../origins/host-name.ts';
import { settingWords } from './setting-words.ts';

export const accessSettings = {
  apiKeys: z
    .array(
      z
        .string()
        .max(limits.apiKeyCharactersMax)
        .regex(/^[!-+\--~]+$/),
    )
    .max(limits.apiKeysMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_API_KEYS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.apiKeysMax} keys of visible ASCII characters without commas`,
      description: 'Keys that clients may use; without any, no key is asked for.',
      secret: true,
    }),
  inspectKeys: z
    .array(
      z
        .string()
        .max(limits.apiKeyCharactersMax)
        .regex(/^[!-+\--~]+$/),
    )
    .max(limits.apiKeysMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_INSPECT_KEYS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.apiKeysMax} keys of visible ASCII characters without commas`,
      description:
        'Keys that may inspect, and everything else; where any key is asked for, no other may inspect.',
      secret: true,
    }),
  allowedHosts: z
    .array(
      z
        .string()
        .max(limits.allowedOriginCharactersMax)
        .refine((text) => allowedHost(text) !== undefined),
    )
    .max(limits.allowedHostsMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_ALLOWED_HOSTS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.allowedHostsMax} host names or IP addresses without ports`,
      description:
        'Names that the server answers to beside `localhost` while no `apiKeys` are configured; with keys it answers to any.',
    }),
  allowedOrigins: z
    .array(
      z
        .string()
        .max(limits.allowedOriginCharactersMax)
        .refine((text) => allowedOrigin(text) !== undefined),
    )
    .max(limits.allowedOriginsMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_ALLOWED_ORIGINS',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.allowedOriginsMax} origins such as https://app.example.com or https://*.example.com`,
      description:
        'Origins whose pages may use the server, beside its own; with `apiKeys`, those that may send credentials of the browser.',
    }),
  insecure: z.enum(['off', 'on']).default('off').register(settingWords, {
    variable: 'CALLBOARD_INSECURE',
    flag: '--insecure',
    kind: 'text',
    reload: 'restart',
    allowed: 'one of off, on',
    description:
      'Listen on addresses that other machines reach, although no `apiKeys` are configured. Hosts and origins are checked all the same.',
  }),
};
