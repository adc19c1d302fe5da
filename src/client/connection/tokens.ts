/**
 * The tokens of a client that has `getToken` instead of a key: fetched when one is needed, kept until shortly before it
 * ends, and put on requests ([CLT16]).
 */
import { CallboardError } from '../client-error.ts';
import type { Fetch } from './sse-transport.ts';
import type { Timers, Transport, TransportEvents } from './transport.ts';

/** A token is replaced this long before it ends, ms, but not before a fifth of its time is left. */
const aheadMs = 60_000;

export class Tokens {
  readonly #getToken: () => string | Promise<string>;
  readonly #now: () => number;
  #token: Promise<string> | undefined;
  #renewAt = Number.POSITIVE_INFINITY;

  constructor(getToken: () => string | Promise<string>, now: () => number = Date.now) {
    this.#getToken = getToken;
    this.#now = now;
  }

  /** Rejects with a {@link CallboardError} when the application has none. */
  current(): Promise<string> {
    if (this.#token !== undefined && this.#now() < this.#renewAt) return this.#token;
    const token = this.#fetched();
    this.#token = token;
    this.#renewAt = Number.POSITIVE_INFINITY;
    token.catch(() => this.forget(token));
    return token;
  }

  /** The server does not take it, or it has ended: the next one is fetched. */
  forget(token: Promise<string> | undefined = this.#token): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** How long until the token should be replaced, ms; `undefined`: it does not say when it ends. */
  get renewsInMs(): number | undefined {
    return this.#renewAt === Number.POSITIVE_INFINITY ? undefined : Math.max(0, this.#renewAt - this.#now());
  }

  /** `fetch` with a token; a request that the server refuses for it is made again with another, once. */
  authorized(fetch: Fetch): Fetch {
    return async (input, init = {}) => {
      const token = this.current();
      const response = await fetch(input, withToken(init, await token));
      if (response.status !== 401 || init.body instanceof ReadableStream) return response;
      this.forget(token);
      await response.body?.cancel();
      return await fetch(input, withToken(init, await this.current()));
    };
  }

  async #fetched(): Promise<string> {
    let token: unknown;
    try {
      token = await this.#getToken();
    } catch (error) {
      throw new CallboardError('unreachable', `getToken failed: ${String(error)}`, true);
    }
    if (typeof token !== 'string' || token === '') {
      throw new CallboardError('unauthorized', 'getToken returned no token');
    }
    const endsAt = endOf(token);
    if (endsAt !== undefined) {
      const left = endsAt - this.#now();
      this.#renewAt = endsAt - Math.min(aheadMs, left / 5);
    }
    return token;
  }
}

/** A transport that is opened once there is a token; when there is none, it has ended without having opened. */
export function openWithToken(
  tokens: Tokens,
  events: TransportEvents,
  open: (token: string, events: TransportEvents) => Transport,
): Transport {
  let transport: Transport | undefined;
  let isClosed = false;
  let isHeard = false;
  const token = tokens.current();
  token.then(
    (text) => {
      if (isClosed) return;
      transport = open(text, {
        ...events,
        text: (frame) => {
          isHeard = true;
          events.text(frame);
        },
        ended: (how) => {
          // A browser does not tell why a socket did not open: it may be the token.
          if (!isHeard || how.code === tokenEnded) tokens.forget(token);
          events.ended(how);
        },
      });
    },
    () => {
      if (!isClosed) events.ended({});
    },
  );
  return {
    send: (text) => transport?.send(text) ?? false,
    close: () => {
      isClosed = true;
      transport?.close();
    },
  };
}

/** Equals the code of `closeCodes.tokenEnded`. */
const tokenEnded = 4005;

/**
 * Gives the socket another token whenever the one that it has is about to end. `answered` takes every answer of the server, and
 * is true for those to frames of its own.
 */
export class TokenRefresh {
  readonly #options: TokenRefreshOptions;
  #cancel = () => {};
  #sent: number | undefined;

  constructor(options: TokenRefreshOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    const { tokens, timers } = this.#options;
    const wait = tokens.renewsInMs;
    if (wait !== undefined) this.#cancel = timers.after(Math.min(wait, timerMsMax), () => void this.#renew());
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#sent = undefined;
  }

  answered(control: { readonly event: string; readonly id?: unknown; readonly data?: unknown }): boolean {
    const data = control.event === 'exception' ? control.data : control;
    const id: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'id') : undefined;
    if (this.#sent === undefined || id !== this.#sent) return false;
    // What the new token allows may differ: then another connection is opened with it.
    if (control.event === 'exception') this.#options.restart();
    else this.start();
    return true;
  }

  async #renew(): Promise<void> {
    const { tokens, timers, nextFrameId, send } = this.#options;
    let isCancelled = false;
    this.#cancel = () => {
      isCancelled = true;
    };
    tokens.forget();
    try {
      const token = await tokens.current();
      if (isCancelled) return;
      this.#sent = nextFrameId();
      send({ event: 'auth.refresh', data: { token }, id: this.#sent });
    } catch {
      if (!isCancelled) this.#cancel = timers.after(retryMs, () => void this.#renew());
    }
  }
}

export type TokenRefreshOptions = {
  readonly tokens: Tokens;
  readonly timers: Timers;
  readonly nextFrameId: () => number;
  readonly send: (frame: object) => boolean;
  readonly restart: () => void;
};

/** After `getToken` has failed, ms. */
const retryMs = 2000;
/** Timers of browsers cannot wait longer. */
const timerMsMax = 2 ** 31 - 1;

function withToken(init: RequestInit, token: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

/** When a JWT ends, ms since the epoch; `undefined`: it does not say. */
function endOf(token: string): number | undefined {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const end: unknown =
      typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'exp') : undefined;
    return typeof end === 'number' ? end * 1000 : undefined;
  } catch {
    return undefined;
  }
}
