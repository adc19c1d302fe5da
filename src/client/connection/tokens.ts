/**
 * The tokens of a client that has `getToken` instead of a key: fetched when one is needed, put on requests and sockets, and
 * fetched anew when one has ended or was refused ([CLT16]).
 */
import { CallboardError } from '../client-error.ts';
import type { Fetch } from './sse-transport.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** Equals the code of `closeCodes.tokenEnded`. */
const tokenEnded = 4005;

export class Tokens {
  readonly #getToken: () => string | Promise<string>;
  #token: Promise<string> | undefined;

  constructor(getToken: () => string | Promise<string>) {
    this.#getToken = getToken;
  }

  /** Rejects with a {@link CallboardError} when the application has none. */
  current(): Promise<string> {
    const token = this.#token ?? this.#fetched();
    this.#token = token;
    token.catch(() => this.forget(token));
    return token;
  }

  /** The server does not take it, or it has ended: the next one is fetched. */
  forget(token = this.#token): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** `fetch` with a token; a request that the server refuses for it is made again with another, once. */
  authorized(fetch: Fetch): Fetch {
    const send = async (token: Promise<string>, ...[input, init]: Parameters<Fetch>) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await token}`);
      return fetch(input, { ...init, headers });
    };
    return async (input, init) => {
      const token = this.current();
      const response = await send(token, input, init);
      if (response.status !== 401 || init?.body instanceof ReadableStream) return response;
      this.forget(token);
      return send(this.current(), input, init);
    };
  }

  /** A transport that is opened once there is a token; when there is none, it has ended without having opened. */
  opening(events: TransportEvents, open: (token: string, events: TransportEvents) => Transport): Transport {
    let transport: Transport | undefined;
    let isClosed = false;
    let isHeard = false;
    const token = this.current();
    token.then(
      (given) => {
        if (isClosed) return;
        transport = open(given, {
          ...events,
          text: (frame) => {
            isHeard = true;
            events.text(frame);
          },
          ended: (how) => {
            // A browser does not tell why a socket did not open: it may be the token.
            if (!isHeard || how.code === tokenEnded) this.forget();
            events.ended(how);
          },
        });
      },
      () => isClosed || events.ended({}),
    );
    return {
      send: (frame) => transport?.send(frame) ?? false,
      close: () => {
        isClosed = true;
        transport?.close();
      },
    };
  }

  async #fetched(): Promise<string> {
    try {
      return await this.#getToken();
    } catch (error) {
      throw new CallboardError('unreachable', `getToken: ${error}`, true);
    }
  }
}
