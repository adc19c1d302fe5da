/** How requests are authenticated: what the config says, what the store holds, and what the embedding program says. */
import type { Clock, Log } from '../actors/ports.ts';
import { local } from '../schema/principal.ts';
import { type AuthenticationMode, authenticationAtStart, nobodyEnters } from './authentication-mode.ts';
import { keysWithAdmin } from './config/admin-key.ts';
import type { Config } from './config/settings.ts';
import type { Authentication } from './gateway/authentication/authentication.ts';
import { type Authenticator, createAuthenticator } from './gateway/authentication/authenticator.ts';
import { configuredKeys, hasKeys, narrowedKeys } from './gateway/authentication/configured-keys.ts';
import { connectionTokens } from './gateway/authentication/connection-tokens.ts';
import { type AuthenticateHook, programHook } from './gateway/authentication/program-hook.ts';
import { StoredKeys } from './gateway/authentication/stored-keys.ts';
import { type MakeToken, tokenRequests } from './gateway/authentication/token-requests.ts';
import { allowedOriginsOf } from './gateway/gateway.ts';
import { isSignInAddress } from './origins/sign-in-address.ts';
import type { Storage } from './storage/storage.ts';

/** What the config says of credentials cannot be used. The message is one line. */
export class AuthenticationError extends Error {}

export type AuthenticationOptions = {
  readonly config: Config;
  readonly hook: AuthenticateHook | undefined;
  readonly storage: Pick<Storage, 'keyNotes' | 'tokenSecret'>;
  readonly clock: Clock;
  readonly log: Log;
};

export type Authentications = {
  readonly authenticator: Authenticator;
  readonly makeToken: MakeToken;
  readonly storedKeys: StoredKeys;
  /** As it was at the start. */
  readonly mode: AuthenticationMode;
  /** `revoke` closes the connections for which it holds, now and whenever a credential is revoked. Call it once. */
  readonly closeRevoked: (revoke: (isRevoked: (by: Authentication) => boolean) => void) => void;
  /** What to tell when nobody could enter, once the keys have been read; `null`: somebody can. */
  readonly nobodyEnters: () => string | null;
};

/** What lets requests in by configuration. */
export function configuredAuthentication(
  config: Config,
  hook: AuthenticateHook | undefined,
): readonly string[] {
  return [
    ...(hasKeys({ apiKeys: keysWithAdmin(config), inspectKeys: config.inspectKeys }) ? ['apiKeys'] : []),
    ...(config.jwt === undefined ? [] : ['jwt']),
    ...(hook === undefined ? [] : ['authenticate']),
  ];
}

/** Rejects with {@link AuthenticationError}, or `JournalUnavailable`. */
export async function startAuthentication(options: AuthenticationOptions): Promise<Authentications> {
  const { config, hook, storage, clock, log } = options;
  // A program that embeds the server may have made the config without reading it.
  if (config.signInUrl !== undefined && !isSignInAddress(config.signInUrl)) {
    throw new AuthenticationError(
      'signInUrl must be an https:// URL, an http:// URL of this machine, or a path of this origin',
    );
  }
  const keysOfConfig = { apiKeys: keysWithAdmin(config), inspectKeys: config.inspectKeys };
  const narrowed = narrowedKeys(keysOfConfig);
  if (narrowed > 0) {
    log.warn(
      `${narrowed} of the API keys say no scopes: beside other keys each has the scope chat alone, and sees its own sessions`,
    );
  }
  const configured = configuredAuthentication(config, hook);
  const setting = config.authentication;
  const mode = await authenticationAtStart(storage.keyNotes, { setting, configured, now: clock.now() });
  let isOpen = mode.open;
  const ofConfig = configuredKeys(keysOfConfig);
  const storedKeys = new StoredKeys({ clock, log, noteUses: storage.keyNotes.noteUses });
  const tokens = connectionTokens({
    secret: storage.tokenSecret,
    isGood: (credential) =>
      credential === local.id ? isOpen : ofConfig.isGood(credential) || storedKeys.isGood(credential),
    clock,
  });
  const jwt = config.jwt === undefined ? [] : [await jwtOf(config.jwt, options)];
  const allowedOrigins = allowedOriginsOf(config.allowedOrigins);
  const authenticator = createAuthenticator({
    isOpen: () => isOpen,
    kinds: [ofConfig, storedKeys, tokens, ...jwt],
    program: hook === undefined ? undefined : programHook({ hook, allowedOrigins, clock, log }),
  });
  return {
    authenticator,
    makeToken: tokenRequests(tokens, clock),
    storedKeys,
    mode,
    closeRevoked: (revoke) => {
      storedKeys.onRevoked((credential) => revoke(({ credentials }) => credentials.includes(credential)));
      storedKeys.onFirstKey(() => {
        if (!isOpen || setting === 'off') return;
        isOpen = false;
        log.warn('The first key was made: every request needs a credential from now on');
        revoke(({ principal }) => principal === local);
      });
    },
    nobodyEnters: () => nobodyEnters(mode, { configured, storedKeys: storedKeys.count() }),
  };
}

async function jwtOf(settings: NonNullable<Config['jwt']>, { clock, log }: AuthenticationOptions) {
  try {
    const { jsonWebTokens } = await import('./gateway/authentication/json-web-tokens.ts');
    return await jsonWebTokens({ settings, clock, log });
  } catch (cause) {
    throw new AuthenticationError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
