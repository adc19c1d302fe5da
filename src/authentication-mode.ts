/**
 * Whether the server lets requests in without credentials. Once there has been authentication it stays, whatever becomes of
 * the keys: what has been closed is not opened by accident ([KEY9]).
 */
import type { Milliseconds } from '../schema/timestamp.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';
import type { Config } from './config/settings.ts';
import type { KeyNotes } from './storage/sql/key-statements.ts';

export type AuthenticationMode = {
  /** Requests without credentials are served, as `local`. */
  readonly open: boolean;
  /** Why, for the log. */
  readonly reason: string;
};

export type AuthenticationFacts = {
  readonly setting: Config['authentication'];
  /** What lets requests in by configuration, such as `apiKeys`; empty: nothing does. */
  readonly configured: readonly string[];
  /** Since when the store has known authentication; `null`: it never has. */
  readonly since: Milliseconds | null;
};

export function authenticationMode({ setting, configured, since }: AuthenticationFacts): AuthenticationMode {
  switch (setting) {
    case 'off':
      return { open: true, reason: 'authentication is off in the config' };
    case 'on':
      return { open: false, reason: 'authentication is on in the config' };
    case 'auto':
      if (configured.length > 0) return { open: false, reason: `${configured.join(', ')} is configured` };
      if (since === null) return { open: true, reason: 'there never was a key' };
      return {
        open: false,
        reason: `there has been authentication since ${isoTimestamp(since)}; authentication: off opens the server`,
      };
    default:
      return unreachable(setting);
  }
}

/**
 * The mode of a server that starts; the store remembers it when there is authentication by configuration. Rejects with
 * `JournalUnavailable`.
 */
export async function authenticationAtStart(
  notes: Pick<KeyNotes, 'authenticatedSince' | 'noteAuthentication'>,
  { now, ...facts }: Omit<AuthenticationFacts, 'since'> & { readonly now: Milliseconds },
): Promise<AuthenticationMode> {
  const since = await notes.authenticatedSince();
  if (since === null && facts.setting !== 'off' && facts.configured.length > 0) {
    await notes.noteAuthentication(now);
  }
  return authenticationMode({ ...facts, since });
}

/** What to log when nothing lets anybody in; `null`: something does. `storedKeys`: how many of them are good. */
export function nobodyEnters(
  { open, reason }: AuthenticationMode,
  { configured, storedKeys }: Pick<AuthenticationFacts, 'configured'> & { readonly storedKeys: number },
): string | null {
  if (open || configured.length > 0 || storedKeys > 0) return null;
  return `Nobody can enter: ${reason}, and there is no key. Make one with: callboard keys create --name <text> --scopes <list> (in a clone: npm start -- keys create …)`;
}
