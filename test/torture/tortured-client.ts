/**
 * A client that does not give up: every command is named, and sent again until a server gives a final answer. The
 * verdict compares the store with the answers that it got.
 */
import { WebSocket } from 'ws';
import { eventCatalogue } from '../../schema/event-catalogue.ts';
import type { EventName } from '../../schema/event-table.ts';
import { baselineNamespaces } from '../../schema/wire-event-table.ts';
import type { SaidAnswer } from './push-faults.ts';

export type Acknowledged = {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly status: number;
  readonly body: unknown;
};

export type CommandOptions = {
  /** The command may come too late, by what the server's death has changed: 409 is an answer like others. */
  readonly mayConflict?: boolean;
};

/** The server's present address; while there is no server, resolves with the next one's. */
export type Whereabouts = { readonly url: () => Promise<string>; readonly failed: (url: string) => void };

export class TorturedClient {
  readonly #where: Whereabouts;
  /** Answers that were received, by the command's name; each name has one. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Names of commands that may be refused as a conflict. */
  readonly mayConflict = new Set<string>();
  /** Names of commands that have no answer yet. */
  readonly waiting: string[] = [];
  /** Names with two different answers. */
  readonly contradictions: string[] = [];
  /** How many retryable refusals there were. */
  retryableRefusals = 0;
  /** Other failures: 500, or 503 for good. */
  readonly failures: string[] = [];
  /** Attempts that got no answer at all. */
  unanswered = 0;
  /** Durable frames as received, over all connections. */
  readonly frames: { readonly event: string; readonly data: unknown }[] = [];
  /** What outside agents said. */
  readonly said: SaidAnswer[] = [];
  #sockets: WebSocket[] = [];

  constructor(where: Whereabouts) {
    this.#where = where;
  }

  /** Sends until there is an answer that a retry would not change. A body of bytes is sent as it is. */
  async command(
    method: string,
    path: string,
    key: string,
    body?: unknown,
    { mayConflict = false }: CommandOptions = {},
  ): Promise<Acknowledged> {
    if (mayConflict) this.mayConflict.add(key);
    this.waiting.push(key);
    const answer = await this.#answered(method, path, key, body);
    this.waiting.splice(this.waiting.indexOf(key), 1);
    return answer;
  }

  /** The server's present address. */
  url(): Promise<string> {
    return this.#where.url();
  }

  /** One attempt at the server's present address, for clients that repeat by themselves. */
  readonly fetch = async (given: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(given instanceof Request ? given.url : given);
    return await fetch(`${await this.url()}${pathname}${search}`, init);
  };

  /** Reads until a server answers; `undefined`: it is not there. */
  async read(path: string): Promise<unknown> {
    for (;;) {
      const url = await this.#where.url();
      const answer = await this.#attempt(url, 'GET', path, '', undefined);
      if (answer?.status === 200) return answer.body;
      if (answer?.status === 404) return undefined;
      if (answer === null) this.#where.failed(url);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #answered(method: string, path: string, key: string, body: unknown): Promise<Acknowledged> {
    for (;;) {
      const url = await this.#where.url();
      const answer = await this.#attempt(url, method, path, key, body);
      if (answer === null) {
        this.unanswered++;
        this.#where.failed(url);
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else if (answer.status < 500 && answer.status !== 429) {
        this.#note(answer);
        return answer;
      } else {
        if (isRetryable(answer)) this.retryableRefusals++;
        else this.failures.push(JSON.stringify(answer));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async #attempt(
    url: string,
    method: string,
    path: string,
    key: string,
    body: unknown,
  ): Promise<Acknowledged | null> {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          'content-type': body instanceof Uint8Array ? 'text/csv' : 'application/json',
          ...(key === '' ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      return { method, path, key, status: response.status, body: text === '' ? null : JSON.parse(text) };
    } catch {
      return null;
    }
  }

  #note(answer: Acknowledged): void {
    const before = this.acknowledged.get(answer.key);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(answer)) {
      this.contradictions.push(`${answer.key}: ${JSON.stringify(before)} then ${JSON.stringify(answer)}`);
    }
    this.acknowledged.set(answer.key, answer);
  }

  /** Watches every namespace of the server at `url`, until it goes away. */
  watch(url: string): void {
    this.#sockets = baselineNamespaces.map((namespace) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/${namespace}`);
      socket.on('message', (bytes) => {
        const frame = JSON.parse(String(bytes));
        const { delivery } = eventCatalogue[frame.event as EventName];
        if (delivery === 'durable') this.frames.push(frame);
      });
      socket.on('error', () => {});
      return socket;
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

function isRetryable({ status, body }: Acknowledged): boolean {
  const retryable: unknown = typeof body === 'object' && body !== null && Reflect.get(body, 'retryable');
  return (status === 503 || status === 429) && retryable === true;
}
