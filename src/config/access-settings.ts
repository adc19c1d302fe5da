/** The settings about who reaches the server. They are part of the table in `settings.ts`. */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { allowedOrigin } from '../origins/allowed-origin.ts';
import { allowedHost } from '../origins/host-name.ts';
import { isSignInAddress } from '../origins/sign-in-address.ts';
import { settingWords } from './setting-words.ts';

export const accessSettings = {
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
        'Names that the server answers to beside `localhost` while no keys are configured; with keys it answers to any.',
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
        'Origins whose pages may use the server, beside its own; with keys, those that may send credentials of the browser.',
    }),
  signInUrl: z
    .string()
    .max(limits.urlCharactersMax)
    .refine(isSignInAddress)
    .optional()
    .register(settingWords, {
      variable: 'CALLBOARD_SIGN_IN_URL',
      kind: 'text',
      reload: 'restart',
      allowed:
        'an https:// URL, an http:// URL of this machine, or a path of this origin such as /login, without a user or password',
      description:
        'Page to which the pages lead people who are not signed in, with a path of their own in the parameter `return`.',
    }),
  insecure: z.enum(['off', 'on']).default('off').register(settingWords, {
    variable: 'CALLBOARD_INSECURE',
    flag: '--insecure',
    kind: 'text',
    reload: 'restart',
    allowed: 'one of off, on',
    description:
      'Listen on addresses that other machines reach, although no keys are configured. Hosts and origins are checked all the same.',
  }),
};
