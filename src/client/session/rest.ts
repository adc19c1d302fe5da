/** Reads and commands over HTTP (docs/protocol.md A2). */
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { CallboardError, errorOfResponse } from '../client-error.ts';
import type { Fetch } from '../connection/sse-transport.ts';
import type { Timers } from '../connection/transport.ts';
import type { Rest } from './session-state.ts';

export type RestClientOptions = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly timers: Timers;
  /** After this long a request is given up, ms; it can be retried. */
  readonly requestMs: number;
};

export type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** The `Idempotency-Key`: the request takes effect once, however often it is sent. */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
};

/** How many messages are read per page. */
const pageRows = 200;

export class RestClient {
  readonly #options: RestClientOptions;

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /** Returns the parsed body of a success; throws a {@link CallboardError} for anything else. */
  async request({ method, path, body, key, signal }: RestRequest): Promise<unknown> {
    const abort = new AbortController();
    const giveUp = () => abort.abort();
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    const cancelTimeout = this.#options.timers.after(this.#options.requestMs, giveUp);
    try {
      const response = await this.#options.fetch(this.#options.url + path, {
        method,
        headers: {
          ...this.#options.headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: abort.signal,
        cache: 'no-store',
      });
      const text = await response.text();
      if (!response.ok)
        throw errorOfResponse(response.status, parsedOrNothing(text), response.headers.get('retry-after'));
      return text === '' ? null : JSON.parse(text);
    } catch (error) {
      if (error instanceof CallboardError) throw error;
      if (signal?.aborted === true) throw new CallboardError('aborted', 'The request was aborted');
      throw new CallboardError('unreachable', `${method} ${path} failed: ${String(error)}`, true);
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Reads a session and its newest messages, at most `messagesMax`, oldest first: those of the current branch, or of
   * all branches.
   */
  async session(
    id: SessionId,
    messagesMax: number,
    signal: AbortSignal,
    query: '' | 'branch=all&' = '',
  ): Promise<Rest> {
    const path = `/chat-sessions/${id}`;
    const session = (await this.request({ method: 'GET', path, signal })) as ChatSession;
    let messages: ChatMessage[] = [];
    for (;;) {
      const limit = Math.min(pageRows, messagesMax - messages.length);
      const before = messages[0] === undefined ? '' : `&before=${messages[0].id}`;
      const page = (await this.request({
        method: 'GET',
        path: `${path}/messages?${query}limit=${limit}${before}`,
        signal,
      })) as ChatMessage[];
      messages = [...page, ...messages];
      const isCut = messages.length >= messagesMax;
      if (page.length < limit || isCut) return { session, messages, isCut };
    }
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
