/** How requests are authenticated: what the config says, what the store holds, and what the embedding program says. */
import type { Clock, Log } from '../actors/ports.ts';
import type { Config } from './config/settings.ts';
import { type Authenticator, createAuthenticator } from './gateway/authentication/authenticator.ts';
import { configuredKeys, hasKeys } from './gateway/authentication/configured-keys.ts';
import { connectionTokens } from './gateway/authentication/connection-tokens.ts';
import { jsonWebTokens } from './gateway/authentication/json-web-tokens.ts';
import { type AuthenticateHook, programHook } from './gateway/authentication/program-hook.ts';
import { type MakeToken, tokenRequests } from './gateway/authentication/token-requests.ts';
import { allowedOriginsOf } from './gateway/gateway.ts';

/** What the config says of credentials cannot be used. The message is one line. */
export class AuthenticationError extends Error {}

export type AuthenticationOptions = {
  readonly config: Config;
  readonly hook: AuthenticateHook | undefined;
  readonly tokenSecret: string;
  readonly clock: Clock;
  readonly log: Log;
};

export type Authentications = { readonly authenticator: Authenticator; readonly makeToken: MakeToken };

/** Whether the config or the embedding program has requests need credentials. */
export function asksForCredentials(config: Config, hook: AuthenticateHook | undefined): boolean {
  return hasKeys(config) || config.jwt !== undefined || hook !== undefined;
}

/** Rejects with {@link AuthenticationError}. */
export async function startAuthentication(options: AuthenticationOptions): Promise<Authentications> {
  const { config, hook, tokenSecret, clock, log } = options;
  const isOpen = () => !asksForCredentials(config, hook);
  const configured = configuredKeys(config);
  const tokens = connectionTokens({ secret: tokenSecret, isGood: configured.isGood, clock });
  const jwt = config.jwt === undefined ? [] : [await jwtOf(config.jwt, options)];
  const allowedOrigins = allowedOriginsOf(config.allowedOrigins);
  const authenticator = createAuthenticator({
    isOpen,
    kinds: [configured, tokens, ...jwt],
    program: hook === undefined ? undefined : programHook({ hook, allowedOrigins, clock, log }),
  });
  return { authenticator, makeToken: tokenRequests(tokens, clock) };
}

async function jwtOf(settings: NonNullable<Config['jwt']>, { clock, log }: AuthenticationOptions) {
  try {
    return await jsonWebTokens({ settings, clock, log });
  } catch (cause) {
    throw new AuthenticationError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
