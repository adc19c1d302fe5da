/** Gives an open socket its next token before the one that it has ends, so that it need not be opened anew ([CLT17]). */
import type { Client } from './client.ts';

/** A token is replaced this long before it ends, ms, but not before a fifth of its time is left. */
const aheadMs = 60_000;
/** After `getToken` has failed, ms. */
const retryMs = 2000;
/** Timers of browsers cannot wait longer. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Refreshes the tokens of a client with `getToken`, as long as they are JWTs with `exp`. Returns the function that ends it.
 * Throws a TypeError for a client without `getToken`.
 */
export function refreshTokens({ state, core }: Pick<Client, 'state' | 'core'>): () => void {
  const { tokens, timers } = core.settings;
  if (tokens === undefined) throw new TypeError('refreshTokens: the client has no getToken');
  let cancel = () => {};
  let isOver = false;

  const later = (delayMs: number, run: () => void) => {
    cancel();
    if (!isOver) cancel = timers.after(Math.min(delayMs, timerMsMax), run);
  };
  const renew = () => {
    tokens.forget();
    tokens.current().then(
      (token) => {
        if (isOver || state.value !== 'live') return;
        // A socket whose new token is refused ends with the old one, and another is opened.
        core.send({ event: 'auth.refresh', data: { token } });
        awaitEndOf(token);
      },
      () => later(retryMs, renew),
    );
  };
  const awaitEndOf = (token: string) => {
    const left = endOf(token) - Date.now();
    if (left < Number.POSITIVE_INFINITY) later(Math.max(0, left - Math.min(aheadMs, left / 5)), renew);
  };
  const look = () => {
    cancel();
    if (state.value === 'live') tokens.current().then(awaitEndOf, () => {});
  };

  const forget = state.subscribe(look);
  const stop = () => {
    isOver = true;
    cancel();
    forget();
  };
  core.whenClosed(stop);
  look();
  return stop;
}

/** When a JWT ends, ms since the epoch; one that does not say never does. */
function endOf(token: string): number {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    const claims: unknown = JSON.parse(atob(payload));
    const end: unknown =
      typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'exp') : undefined;
    if (typeof end === 'number') return end * 1000;
  } catch {
    // It is opaque.
  }
  return Number.POSITIVE_INFINITY;
}
